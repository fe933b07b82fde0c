package picture

import (
	"math"
	"math/rand/v2"
)

// draw puts the word onto an empty canvas.
func draw(c *canvas, r *rand.Rand, word string) {
	w := newWave(r)
	c.fields(r)
	for i := range len(word) {
		c.digit(r, w, word[i], i)
		c.swap()
	}
	for range 2 {
		c.hair(r)
		c.swap()
	}
}

// digit draws the digit of one place into the mask: one of its shapes, stretched, leaning, turned and bent.
func (c *canvas) digit(r *rand.Rand, w wave, digit byte, place int) {
	middle := point{60 + 72*float64(place) + between(r, -4, 4), Height/2 + between(r, -9, 9)}
	ways := shapes(digit)
	shape := ways[r.IntN(len(ways))]
	high, wide := between(r, 86, 100), between(r, 96, 116)
	lean, turn := between(r, -.18, .18), between(r, -.22, .22)
	thick := between(r, 5.5, 7)
	sin, cos := math.Sincos(turn)
	for _, s := range shape {
		points := s.cut()
		for i, p := range points {
			x, y := (p.x-.31)*wide, (p.y-.5)*high
			x += lean * y
			points[i] = w.bend(point{middle.x + x*cos - y*sin, middle.y + x*sin + y*cos})
		}
		for i := 1; i < len(points); i++ {
			c.line(points[i-1], points[i], thick)
		}
	}
}

// wave bends the whole picture a little, each one differently.
type wave struct{ ax, ay, fx, fy, px, py float64 }

func newWave(r *rand.Rand) wave {
	turn := 2 * math.Pi
	return wave{
		ax: between(r, 2.5, 4.5), ay: between(r, 4, 8),
		fx: turn / between(r, 55, 80), fy: turn / between(r, 110, 200),
		px: between(r, 0, turn), py: between(r, 0, turn),
	}
}

func (w wave) bend(p point) point {
	return point{p.x + w.ax*math.Sin(w.fx*p.y+w.px), p.y + w.ay*math.Sin(w.fy*p.x+w.py)}
}

// fields darkens parts of the ground with wavy edges, so that a digit that crosses an edge goes from dark on light to light on
// dark. People follow its shape; a program that first separates dark from light loses it.
func (c *canvas) fields(r *rand.Rand) {
	base, amp := Height/2+between(r, -16, 16), between(r, 10, 22)
	f, phase := 2*math.Pi/between(r, 130, 240), between(r, 0, 2*math.Pi)
	above := r.IntN(2) == 0
	for x := range Width {
		edge := base + amp*math.Sin(f*float64(x)+phase)
		for y := range Height {
			d := min(max(float64(y)-edge+.5, 0), 1)
			if above {
				d = 1 - d
			}
			c.ground[y*Width+x] = uint8(d * 255)
		}
	}
}

// hair draws a thin line from side to side.
func (c *canvas) hair(r *rand.Rand) {
	from := point{0, between(r, 20, Height-20)}
	amp, f, phase, slope := between(r, 6, 18), 2*math.Pi/between(r, 140, 300), between(r, 0, 6.28), between(r, -.1, .1)
	for x := 6.; x < Width+6; x += 6 {
		to := point{x, from.y}
		to.y = from.y + slope*6 + amp*(math.Sin(f*x+phase)-math.Sin(f*(x-6)+phase))
		c.line(from, to, 1.2)
		from = to
	}
}

func between(r *rand.Rand, low, high float64) float64 { return low + r.Float64()*(high-low) }

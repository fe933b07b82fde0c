package picture

import "math"

// canvas is a picture in the making. ground holds how dark each pixel is, from 0 to 255; mask is where the next thing is
// drawn before it goes onto the ground.
type canvas struct {
	ground, mask [Width * Height]uint8
	dirty        box // the part of mask that is not empty
}

// box is a part of the canvas, the upper bounds not included.
type box struct{ x0, y0, x1, y1 int }

// line draws a line with round ends into the mask, half as wide as radius.
func (c *canvas) line(a, b point, radius float64) {
	reach := radius + 1
	part := box{
		max(int(min(a.x, b.x)-reach), 0), max(int(min(a.y, b.y)-reach), 0),
		min(int(max(a.x, b.x)+reach)+2, Width), min(int(max(a.y, b.y)+reach)+2, Height),
	}
	dx, dy := b.x-a.x, b.y-a.y
	length := dx*dx + dy*dy
	if length == 0 {
		length = 1
	}
	for y := part.y0; y < part.y1; y++ {
		row := c.mask[y*Width : (y+1)*Width]
		py := float64(y) - a.y
		for x := part.x0; x < part.x1; x++ {
			px := float64(x) - a.x
			along := min(max((px*dx+py*dy)/length, 0), 1)
			ex, ey := px-along*dx, py-along*dy
			far := ex*ex + ey*ey
			switch {
			case far >= (radius+.5)*(radius+.5):
			case far <= (radius-.5)*(radius-.5):
				row[x] = 255
			default:
				row[x] = max(row[x], uint8((radius+.5-math.Sqrt(far))*255))
			}
		}
	}
	c.dirty = c.dirty.around(part)
}

func (b box) around(o box) box {
	if b.x0 >= b.x1 || b.y0 >= b.y1 {
		return o
	}
	return box{min(b.x0, o.x0), min(b.y0, o.y0), max(b.x1, o.x1), max(b.y1, o.y1)}
}

// swap puts the mask onto the ground and clears it: where both are dark it becomes light, so that what lies on top of
// something else stays visible.
func (c *canvas) swap() {
	for y := c.dirty.y0; y < c.dirty.y1; y++ {
		for i := y*Width + c.dirty.x0; i < y*Width+c.dirty.x1; i++ {
			g, m := int(c.ground[i]), int(c.mask[i])
			if m != 0 {
				c.ground[i] = uint8(g + m - 2*g*m/255)
				c.mask[i] = 0
			}
		}
	}
	c.dirty = box{}
}

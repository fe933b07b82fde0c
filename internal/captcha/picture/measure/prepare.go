package main

import (
	"image"
	"slices"
	"strings"
)

// preparation is what is done to a picture before it is read.
type preparation struct {
	name  string
	apply func(drawn) *image.Gray
}

func preparations() []preparation {
	out := []preparation{{"control: the word in plain type", func(d drawn) *image.Gray { return plain(d.word) }}}
	for _, p := range []struct {
		name  string
		apply func(*image.Gray) *image.Gray
	}{
		{"none", func(g *image.Gray) *image.Gray { return g }},
		{"inverted", invert},
		{"doubled", func(g *image.Gray) *image.Gray { return scale(g, 2) }},
		{"halved", func(g *image.Gray) *image.Gray { return scale(g, .5) }},
		{"quartered", func(g *image.Gray) *image.Gray { return scale(g, .25) }},
		{"black and white", threshold},
		{"median", func(g *image.Gray) *image.Gray { return threshold(rank(g, 2, 12)) }},
		{"thin lines off", func(g *image.Gray) *image.Gray { return opened(g, 1) }},
		{"thin lines off; halved", func(g *image.Gray) *image.Gray { return scale(opened(g, 2), .5) }},
		{"local mean", func(g *image.Gray) *image.Gray { return local(g, 20) }},
		{"sides evened", func(g *image.Gray) *image.Gray { return evened(g, 22) }},
		{"sides evened; halved", func(g *image.Gray) *image.Gray { return scale(evened(g, 22), .5) }},
		{"thin lines off; sides evened", func(g *image.Gray) *image.Gray { return evened(opened(g, 2), 22) }},
		{"sides evened; thin lines off; halved", func(g *image.Gray) *image.Gray { return scale(opened(evened(g, 22), 2), .5) }},
		{"sides evened; quartered", func(g *image.Gray) *image.Gray { return scale(evened(g, 22), .25) }},
		{"edges", edges},
		{"edges; filled; halved", func(g *image.Gray) *image.Gray { return scale(closed(edges(g), 3), .5) }},
	} {
		out = append(out, preparation{p.name, func(d drawn) *image.Gray { return p.apply(d.picture) }})
	}
	return out
}

func names() string {
	var out []string
	for _, p := range preparations() {
		out = append(out, p.name)
	}
	return strings.Join(out, ", ")
}

// each makes a picture of what f says about every pixel.
func each(r image.Rectangle, f func(x, y int) uint8) *image.Gray {
	out := image.NewGray(r)
	for y := range r.Dy() {
		for x := range r.Dx() {
			out.Pix[y*out.Stride+x] = f(x, y)
		}
	}
	return out
}

// at reads a pixel; beyond the edge it is the nearest one.
func at(g *image.Gray, x, y int) uint8 {
	return g.Pix[min(max(y, 0), g.Rect.Dy()-1)*g.Stride+min(max(x, 0), g.Rect.Dx()-1)]
}

func invert(g *image.Gray) *image.Gray {
	return each(g.Rect, func(x, y int) uint8 { return 255 - at(g, x, y) })
}

// scale resizes by averaging what falls into a pixel.
func scale(g *image.Gray, by float64) *image.Gray {
	size := image.Rect(0, 0, int(float64(g.Rect.Dx())*by), int(float64(g.Rect.Dy())*by))
	const samples = 4
	return each(size, func(x, y int) uint8 {
		sum := 0
		for i := range samples {
			for j := range samples {
				sum += int(at(g, int((float64(x)+float64(i)/samples)/by), int((float64(y)+float64(j)/samples)/by)))
			}
		}
		return uint8(sum / samples / samples)
	})
}

// threshold is Otsu's: the grey that parts dark and light best.
func threshold(g *image.Gray) *image.Gray {
	var count [256]int
	sum := 0
	for _, p := range g.Pix {
		count[p]++
		sum += int(p)
	}
	best, bestAt, below, belowSum := 0., 0, 0, 0
	for t := range 256 {
		below += count[t]
		belowSum += t * count[t]
		above := len(g.Pix) - below
		if below == 0 || above == 0 {
			continue
		}
		gap := float64(belowSum)/float64(below) - float64(sum-belowSum)/float64(above)
		if spread := float64(below) * float64(above) * gap * gap; spread > best {
			best, bestAt = spread, t
		}
	}
	return each(g.Rect, func(x, y int) uint8 { return blackIf(int(at(g, x, y)) <= bestAt) })
}

func blackIf(dark bool) uint8 {
	if dark {
		return 0
	}
	return 255
}

// rank gives each pixel the k-th darkest of the square around it.
func rank(g *image.Gray, radius, k int) *image.Gray {
	var around []uint8
	return each(g.Rect, func(x, y int) uint8 {
		around = around[:0]
		for dy := -radius; dy <= radius; dy++ {
			for dx := -radius; dx <= radius; dx++ {
				around = append(around, at(g, x+dx, y+dy))
			}
		}
		slices.Sort(around)
		return around[k]
	})
}

func darkest(g *image.Gray, radius int) *image.Gray { return rank(g, radius, 0) }

func lightest(g *image.Gray, radius int) *image.Gray {
	return rank(g, radius, (2*radius+1)*(2*radius+1)-1)
}

// opened takes away what is thin, dark things first and then light ones.
func opened(g *image.Gray, radius int) *image.Gray {
	g = darkest(lightest(threshold(g), radius), radius)
	return lightest(darkest(g, radius), radius)
}

func closed(g *image.Gray, radius int) *image.Gray { return lightest(darkest(g, radius), radius) }

// local is black where a pixel is darker than the mean of the square around it.
func local(g *image.Gray, radius int) *image.Gray {
	means := mean(g, radius)
	return each(g.Rect, func(x, y int) uint8 { return blackIf(at(g, x, y) < at(means, x, y)) })
}

// evened is black where a pixel is unlike most of the square around it: it undoes a ground that is dark here and light there.
func evened(g *image.Gray, radius int) *image.Gray {
	g = threshold(g)
	ground := mean(g, radius)
	return each(g.Rect, func(x, y int) uint8 { return blackIf(at(g, x, y) > 127 != (at(ground, x, y) > 127)) })
}

// mean averages the square around each pixel.
func mean(g *image.Gray, radius int) *image.Gray {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	sums := make([]int, (w+1)*(h+1))
	for y := range h {
		for x := range w {
			sums[(y+1)*(w+1)+x+1] = int(at(g, x, y)) + sums[y*(w+1)+x+1] + sums[(y+1)*(w+1)+x] - sums[y*(w+1)+x]
		}
	}
	return each(g.Rect, func(x, y int) uint8 {
		x0, y0, x1, y1 := max(x-radius, 0), max(y-radius, 0), min(x+radius+1, w), min(y+radius+1, h)
		sum := sums[y1*(w+1)+x1] - sums[y0*(w+1)+x1] - sums[y1*(w+1)+x0] + sums[y0*(w+1)+x0]
		return uint8(sum / (x1 - x0) / (y1 - y0))
	})
}

// edges is black where light and dark meet, whichever side is which.
func edges(g *image.Gray) *image.Gray {
	return each(g.Rect, func(x, y int) uint8 {
		dx, dy := int(at(g, x+1, y))-int(at(g, x-1, y)), int(at(g, x, y+1))-int(at(g, x, y-1))
		return blackIf(dx*dx+dy*dy > 40*40)
	})
}

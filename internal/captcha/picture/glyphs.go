package picture

import "math"

// point is a place on a digit: x from 0 to 0.62, y from 0 (top) to 1.
type point struct{ x, y float64 }

// stroke is one movement of the pen. A smooth one runs through its points as a curve, another is straight between them.
type stroke struct {
	smooth bool
	points []point
}

// shapes gives the ways to write a digit, from which a picture takes one. They are our own, and drawn so that no digit becomes
// another when it leans or loses a piece: 1 has a flag and a foot, 7
// neither, 3 is round, so that none takes it for a 7, 6 and 9 have long tails.
func shapes(digit byte) [][]stroke {
	switch digit {
	case '0':
		return [][]stroke{{loop(.31, .5, .29, .48)}}
	case '1':
		return [][]stroke{{straight(.10, .24, .33, .02, .33, .98), straight(.10, .98, .56, .98)}}
	case '2':
		return [][]stroke{{curve(.05, .27, .12, .09, .31, .02, .52, .10, .57, .29, .45, .53, .22, .78, .04, .97), straight(.04, .97, .61, .97)}}
	case '3':
		return [][]stroke{{curve(.04, .15, .26, .02, .51, .10, .54, .30, .41, .45, .22, .48), curve(.22, .48, .46, .52, .59, .71, .50, .90, .28, .98, .02, .87)}}
	case '4':
		return [][]stroke{
			{straight(.44, .98, .44, .02, .01, .68, .62, .68)},
			{straight(.14, .02, .03, .60, .62, .60), straight(.44, .28, .44, .98)},
		}
	case '5':
		return [][]stroke{{straight(.56, .03, .12, .03, .08, .45), curve(.08, .45, .30, .37, .52, .46, .59, .68, .48, .90, .26, .98, .02, .87)}}
	case '6':
		return [][]stroke{{six()}}
	case '7':
		return [][]stroke{{straight(.02, .03, .60, .03, .22, .98)}, {straight(.02, .03, .60, .03), curve(.60, .03, .38, .40, .26, .70, .22, .98)}}
	case '8':
		return [][]stroke{{loop(.31, .25, .22, .23), loop(.31, .73, .28, .25)}}
	case '9':
		s := six()
		for i, p := range s.points {
			s.points[i] = point{.62 - p.x, 1 - p.y}
		}
		return [][]stroke{{s}}
	}
	return nil
}

func six() stroke {
	return curve(.54, .07, .36, .02, .17, .17, .06, .46, .07, .76, .19, .94, .34, .98, .52, .89, .58, .70, .50, .52, .33, .45, .15, .53, .07, .70)
}

func straight(xy ...float64) stroke { return stroke{points: pairs(xy)} }

func curve(xy ...float64) stroke { return stroke{smooth: true, points: pairs(xy)} }

func pairs(xy []float64) []point {
	out := make([]point, len(xy)/2)
	for i := range out {
		out[i] = point{xy[2*i], xy[2*i+1]}
	}
	return out
}

// loop is an ellipse around (x, y).
func loop(x, y, rx, ry float64) stroke {
	const steps = 14
	s := stroke{smooth: true}
	for i := range steps + 1 {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / steps)
		s.points = append(s.points, point{x + rx*sin, y - ry*cos})
	}
	return s
}

// steps is into how many pieces each piece of a stroke is cut before it is bent.
const steps = 5

// cut gives the points along the stroke, close enough together that what bends them looks smooth.
func (s stroke) cut() []point {
	out := []point{s.points[0]}
	last := len(s.points) - 1
	for i := range last {
		a, b := s.points[i], s.points[i+1]
		before, after := s.points[max(i-1, 0)], s.points[min(i+2, last)]
		for j := 1; j <= steps; j++ {
			t := float64(j) / steps
			if s.smooth {
				out = append(out, point{spline(before.x, a.x, b.x, after.x, t), spline(before.y, a.y, b.y, after.y, t)})
			} else {
				out = append(out, point{a.x + t*(b.x-a.x), a.y + t*(b.y-a.y)})
			}
		}
	}
	return out
}

// spline is Catmull and Rom's curve from b to c.
func spline(a, b, c, d, t float64) float64 {
	return b + t/2*(c-a+t*(2*a-5*b+4*c-d+t*(3*(b-c)+d-a)))
}

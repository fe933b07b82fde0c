package main

import "image"

// plain writes a word in a typewriter's digits, with nothing in the way.
func plain(word string) *image.Gray {
	const dot, margin = 8, 32
	const across = 6 * dot
	g := image.NewGray(image.Rect(0, 0, 2*margin+len(word)*across, 2*margin+7*dot))
	for i := range g.Pix {
		g.Pix[i] = 255
	}
	for i := range len(word) {
		for y, row := range dots(word[i]) {
			for x := range 5 {
				if row&(16>>x) != 0 {
					for k := range dot * dot {
						g.Pix[(margin+y*dot+k/dot)*g.Stride+margin+i*across+x*dot+k%dot] = 0
					}
				}
			}
		}
	}
	return mean(g, 3)
}

// dots gives the seven rows of a digit, five dots each.
func dots(digit byte) [7]byte {
	return [...][7]byte{
		{14, 17, 17, 17, 17, 17, 14}, {4, 12, 4, 4, 4, 4, 14}, {14, 17, 1, 2, 4, 8, 31}, {31, 2, 4, 2, 1, 17, 14}, {2, 6, 10, 18, 31, 2, 2},
		{31, 16, 30, 1, 1, 17, 14}, {6, 8, 16, 30, 17, 17, 14}, {31, 1, 2, 4, 4, 4, 4}, {14, 17, 17, 14, 17, 17, 14}, {14, 17, 17, 15, 1, 2, 12},
	}[digit-'0']
}

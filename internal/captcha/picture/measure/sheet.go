package main

import (
	"fmt"
	"image"
	stddraw "image/draw"
	"os"
	"path/filepath"
	"strings"

	"gatehouse/internal/captcha/picture"
)

const across, down, gap = 3, 5, 12

// sheets draws n pictures in sheets of fifteen, row by row, half of them on light paper and half on dark.
func sheets(dir, start string, n int) error {
	all, err := draw(start, n)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	var words strings.Builder
	for first := 0; first < n; first += across * down {
		sheet := image.NewGray(image.Rect(0, 0, across*(picture.Width+gap)+gap, down*(picture.Height+gap)+gap))
		for i := range sheet.Pix {
			sheet.Pix[i] = blackIf(first/(across*down)%2 == 1)
		}
		for i := first; i < min(first+across*down, n); i++ {
			column, row := (i-first)%across, (i-first)/across
			corner := image.Pt(gap+column*(picture.Width+gap), gap+row*(picture.Height+gap))
			stddraw.Draw(sheet, image.Rectangle{Min: corner, Max: corner.Add(all[i].picture.Rect.Size())}, all[i].picture, image.Point{}, stddraw.Src)
			fmt.Fprintln(&words, all[i].word)
		}
		if err := save(filepath.Join(dir, fmt.Sprintf("sheet%d.png", first/(across*down)+1)), sheet); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(dir, "words.txt"), []byte(words.String()), 0o600)
}

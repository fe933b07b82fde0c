package main

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"gatehouse/internal/captcha/picture"
)

// draw makes n pictures and reads their files back, as who attacks them would.
func draw(start string, n int) ([]drawn, error) {
	var painter picture.Painter
	out := make([]drawn, n)
	for i := range out {
		s := seed(start, i)
		out[i].word = picture.Word(s)
		file, err := painter.PNG(s, out[i].word)
		if err != nil {
			return nil, err
		}
		img, err := png.Decode(bytes.NewReader(file))
		if err != nil {
			return nil, err
		}
		out[i].picture = grey(img)
	}
	return out, nil
}

func grey(img image.Image) *image.Gray {
	g := image.NewGray(img.Bounds())
	for y := range g.Rect.Dy() {
		for x := range g.Rect.Dx() {
			g.Set(x, y, img.At(x, y))
		}
	}
	return g
}

// reading is a run of tesseract over the pictures.
type reading struct {
	pictures       []drawn
	modes, engines []string
	most           float64
}

func (m *reading) columns(each func(engine, mode, whitelist string) error) error {
	for _, e := range m.engines {
		for _, mode := range m.modes {
			for _, w := range []string{"", "0123456789"} {
				if err := each(e, mode, w); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (m *reading) heading(w io.Writer) {
	fmt.Fprint(w, "| preparation |")
	rule := "\n|---|"
	m.columns(func(engine, mode, whitelist string) error {
		title := " psm " + mode
		if len(m.engines) > 1 {
			title = " oem " + engine + title
		}
		if whitelist != "" {
			title += " w"
		}
		fmt.Fprint(w, title, " |")
		rule += "---|"
		return nil
	})
	fmt.Fprintln(w, rule)
}

// row prints what tesseract reads after one preparation.
func (m *reading) row(w io.Writer, p preparation) error {
	dir, err := os.MkdirTemp("", "gatehouse-measure")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	var list bytes.Buffer
	for i, d := range m.pictures {
		name := filepath.Join(dir, fmt.Sprintf("%d.png", i))
		if err := save(name, p.apply(d.picture)); err != nil {
			return err
		}
		fmt.Fprintln(&list, name)
	}
	listed := filepath.Join(dir, "list.txt")
	if err := os.WriteFile(listed, list.Bytes(), 0o600); err != nil {
		return err
	}
	fmt.Fprintf(w, "| %s |", p.name)
	err = m.columns(func(engine, mode, whitelist string) error {
		right, err := m.read(listed, engine, mode, whitelist)
		share := 100 * float64(right) / float64(len(m.pictures))
		m.most = max(m.most, share)
		fmt.Fprintf(w, " %.1f |", share)
		return err
	})
	fmt.Fprintln(w)
	return err
}

// read counts the words that tesseract gets whole, whatever else than digits it prints with them.
func (m *reading) read(list, engine, mode, whitelist string) (int, error) {
	args := []string{list, "-", "-l", "eng", "--psm", mode, "--oem", engine}
	if whitelist != "" {
		args = append(args, "-c", "tessedit_char_whitelist="+whitelist)
	}
	cmd := exec.Command("tesseract", args...)
	cmd.Env = append(os.Environ(), "OMP_THREAD_LIMIT=1")
	out, err := cmd.Output()
	if err != nil {
		return 0, fmt.Errorf("run tesseract: %w", err)
	}
	right := 0
	for i, page := range strings.Split(string(out), "\f") {
		if i < len(m.pictures) && digits(page) == m.pictures[i].word {
			right++
		}
	}
	return right, nil
}

// digits gives a recogniser what help it can have: letters that look like a digit count as that digit.
func digits(text string) string {
	text = strings.NewReplacer("O", "0", "o", "0", "Q", "0", "D", "0", "l", "1", "I", "1", "i", "1", "|", "1", "Z", "2", "z", "2",
		"A", "4", "S", "5", "s", "5", "b", "6", "G", "6", "T", "7", "B", "8", "g", "9", "q", "9").Replace(text)
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
}

func save(name string, img image.Image) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	if err := png.Encode(f, img); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

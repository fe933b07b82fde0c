package main

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
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
	var files []string
	for i, d := range m.pictures {
		name := filepath.Join(dir, fmt.Sprintf("%d.png", i))
		if err := save(name, p.apply(d)); err != nil {
			return err
		}
		files = append(files, name)
	}
	fmt.Fprintf(w, "| %s |", p.name)
	err = m.columns(func(engine, mode, whitelist string) error {
		right, err := m.read(files, engine, mode, whitelist)
		share := 100 * float64(right) / float64(len(m.pictures))
		m.most = max(m.most, share)
		fmt.Fprintf(w, " %.1f |", share)
		return err
	})
	fmt.Fprintln(w)
	return err
}

// read counts the words that tesseract gets whole, whatever else than digits it prints with them.
func (m *reading) read(files []string, engine, mode, whitelist string) (int, error) {
	args := []string{"-", "-", "-l", "eng", "--psm", mode, "--oem", engine}
	if whitelist != "" {
		args = append(args, "-c", "tessedit_char_whitelist="+whitelist)
	}
	pages, err := recognise(files, append(args, "tsv"))
	if err != nil {
		return 0, err
	}
	right := 0
	for i, d := range m.pictures {
		if digits(pages[i]) == d.word {
			right++
		}
	}
	return right, nil
}

// recognise gives the text of each file. Tesseract divides by zero over some pictures and takes the others with it: then each
// half is tried again, and the file that is left has no text.
func recognise(files, args []string) ([]string, error) {
	cmd := exec.Command("tesseract", args...)
	cmd.Env = append(os.Environ(), "OMP_THREAD_LIMIT=1")
	cmd.Stdin = strings.NewReader(strings.Join(files, "\n"))
	out, err := cmd.Output()
	var crash *exec.ExitError
	switch {
	case errors.As(err, &crash) && !crash.Exited() && len(files) == 1:
		return []string{""}, nil
	case errors.As(err, &crash) && !crash.Exited():
		first, err := recognise(files[:len(files)/2], args)
		if err != nil {
			return nil, err
		}
		rest, err := recognise(files[len(files)/2:], args)
		return append(first, rest...), err
	case err != nil:
		return nil, fmt.Errorf("run tesseract: %w", err)
	}
	return texts(string(out), len(files))
}

// texts reads tesseract's table of words, which tells pages apart even if there is nothing on them.
func texts(table string, pages int) ([]string, error) {
	out := make([]string, pages)
	seen := 0
	for line := range strings.Lines(table) {
		columns := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(columns) < 12 || columns[0] == "level" {
			continue
		}
		page, err := strconv.Atoi(columns[1])
		if err != nil || page < 1 || page > pages {
			return nil, fmt.Errorf("read tesseract's table: page %q of %d", columns[1], pages)
		}
		if columns[0] == "1" {
			seen++
		}
		out[page-1] += columns[11]
	}
	if seen != pages {
		return nil, fmt.Errorf("tesseract read %d pictures of %d", seen, pages)
	}
	return out, nil
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

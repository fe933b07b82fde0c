package i18n

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"gatehouse/internal/message"
)

// book is the files of one language, one in each of folders; each is read once, when it is first wanted.
type book []func() file

// file is what one file holds. A broken one is empty.
type file struct {
	// index tells where a key's text stands in texts.
	index map[message.Key]int
	texts []string
	err   error
}

// openBooks finds the catalogues, but not the notes, and reads none. One of a language that is not in the table is an error.
func openBooks(files fs.FS) (map[string]book, error) {
	books := map[string]book{}
	for _, folder := range folders() {
		names, err := fs.Glob(files, folder+"/*.json")
		if err != nil {
			return nil, fmt.Errorf("list catalogues: %w", err)
		}
		for _, name := range names {
			code := strings.TrimSuffix(path.Base(name), ".json")
			if code == notes {
				continue
			}
			if !slices.ContainsFunc(known(), func(row row) bool { return row.code == code }) {
				return nil, fmt.Errorf("catalogue %s: no such language in the table", name)
			}
			books[code] = append(books[code], sync.OnceValue(func() file { return openFile(files, name) }))
		}
	}
	if books[source] == nil {
		return nil, errors.New("there is no catalogue of " + source)
	}
	return books, nil
}

func openFile(files fs.FS, name string) file {
	texts, err := readFile(files, name)
	f := file{index: make(map[message.Key]int, len(texts)), texts: make([]string, 0, len(texts)), err: err}
	for key, text := range texts {
		f.index[key] = len(f.texts)
		f.texts = append(f.texts, text)
	}
	return f
}

// shelf is a file as one site reads it: with the texts that it has shown, parsed.
type shelf struct {
	file
	parsed []atomic.Pointer[message.Template]
}

func newShelf(read func() file) func() *shelf {
	return sync.OnceValue(func() *shelf {
		f := read()
		return &shelf{file: f, parsed: make([]atomic.Pointer[message.Template], len(f.texts))}
	})
}

// template parses a text when it is wanted for the first time. Two that want it at once may parse it twice.
func (s *shelf) template(i int, l *Language) *message.Template {
	if t := s.parsed[i].Load(); t != nil {
		return t
	}
	t := message.ParseTemplate(s.texts[i], l.site, l.row.plural.of)
	s.parsed[i].Store(t)
	return t
}

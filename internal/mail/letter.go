package mail

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"strings"
	"unicode"

	"gatehouse/auth"
	"gatehouse/internal/i18n"
	"gatehouse/internal/message"
)

//go:embed templates/letter.html
var letterHTML string

// Letter is what a mail says, in its reader's language. HTML says the same as Text.
type Letter struct{ Subject, Text, HTML string }

// Writer puts mail into words. It is immutable and may be used by many goroutines.
type Writer struct {
	texts    *i18n.Catalogue
	language string
	home     string
	page     *template.Template
}

// NewWriter gives a Writer whose mail is in the language of code where its reader's is not known, or in English where
// code is not known either; home is the address of the site's main page.
func NewWriter(texts *i18n.Catalogue, code, home string) (*Writer, error) {
	page, err := template.New("letter").Parse(letterHTML)
	if err != nil {
		return nil, fmt.Errorf("parse letter: %w", err)
	}
	if _, ok := texts.Language(code); !ok {
		code = "en"
	}
	return &Writer{texts: texts, language: code, home: home, page: page}, nil
}

// Letter gives what m says. A mail that Compose took has one.
func (w *Writer) Letter(m auth.Mail) (Letter, error) {
	k, ok := kindOf(m)
	if !ok {
		return Letter{}, fmt.Errorf("write letter: there is no mail of kind %q", m.Kind)
	}
	l, ok := w.texts.Find(m.Language)
	if !ok {
		l, _ = w.texts.Language(w.language)
	}
	params := make([]message.Param, len(k.params))
	for i, p := range k.params {
		params[i] = p.of(m, w.home)
	}
	out := Letter{
		Subject: oneLine(message.Plain(message.New(k.subject, params...), l)),
		Text:    strings.TrimSpace(message.Isolated(message.New(k.text, params...), l)) + "\n",
	}
	var page bytes.Buffer
	err := w.page.Execute(&page, view{
		Language: l.Tag(), Direction: l.Direction(), Subject: out.Subject, Paragraphs: paragraphs(out.Text, m, w.home),
	})
	if err != nil {
		return Letter{}, fmt.Errorf("write letter: %w", err)
	}
	out.HTML = page.String()
	return out, nil
}

// view is what the page of a letter shows.
type view struct {
	Language, Direction, Subject string
	Paragraphs                   [][]line
}

// line is one line: a link if it is nothing but an address of ours, else text.
type line struct{ Text, Link string }

// paragraphs parts a text at its empty lines. Links are made of the addresses that the server put there itself, never of
// what looks like one.
func paragraphs(text string, m auth.Mail, home string) [][]line {
	var out [][]line
	for block := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		var lines []line
		for t := range strings.SplitSeq(block, "\n") {
			l := line{Text: t}
			if t != "" && (t == m.Values["link"] || t == m.Values["cancel"] || t == home) {
				l.Link = t
			}
			lines = append(lines, l)
		}
		out = append(out, lines)
	}
	return out
}

// oneLine replaces what ends a line, cannot be seen or turns the direction of writing round.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r), unicode.In(r, unicode.Zl, unicode.Zp):
			return ' '
		case unicode.In(r, unicode.Bidi_Control):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

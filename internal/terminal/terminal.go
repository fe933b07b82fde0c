// Package terminal asks people in a terminal and shows them pictures there: lines, hidden lines, and pictures by Kitty's or
// iTerm2's escapes or as half blocks; a QR code.
//
// It knows nothing of accounts or wikis; "gatehouse create" (cmd/gatehouse) is its one user. What it prints it prints as it
// gets it: texts from elsewhere are cleaned by who calls.
package terminal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"
)

// ErrEnded: the terminal was closed, or Ctrl-D pressed, where an answer was wanted.
var ErrEnded = errors.New("the input ended where an answer was wanted")

var errLong = errors.New("the line is too long")

// longestLine is more than anybody types at a prompt, in bytes.
const longestLine = 64 << 10

// Terminal is a terminal with somebody in front of it. One goroutine at a time may ask.
type Terminal struct {
	in     *os.File
	out    io.Writer
	getenv func(string) string
}

// New takes in for a terminal, if it is one. Prompts and pictures go to out. getenv gives the environment, which tells what
// the terminal can show.
func New(in io.Reader, out io.Writer, getenv func(string) string) (*Terminal, bool) {
	f, ok := in.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return nil, false
	}
	return &Terminal{in: f, out: out, getenv: getenv}, true
}

// Print writes lines.
func (t *Terminal) Print(text string) { fmt.Fprintln(t.out, text) }

// Line asks for a line and gives it without its end.
func (t *Terminal) Line(ctx context.Context, prompt string) (string, error) {
	fmt.Fprint(t.out, prompt)
	return t.read(ctx, func() (string, error) { return readLine(t.in) })
}

// Hidden asks for a line that is not shown while it is typed. Nothing is shown from before the prompt on: who types as soon
// as they see it types unseen.
func (t *Terminal) Hidden(ctx context.Context, prompt string) (string, error) {
	fd := int(t.in.Fd())
	before, err := term.MakeRaw(fd)
	if err != nil {
		return "", fmt.Errorf("hide what is typed: %w", err)
	}
	defer fmt.Fprintln(t.out)
	defer term.Restore(fd, before) // also where somebody breaks off, and the read goes on
	fmt.Fprint(t.out, prompt)
	return t.read(ctx, func() (string, error) { return readRaw(t.in) })
}

// The keys that a terminal which hides what is typed leaves to the program.
const (
	keyInterrupt = 'C' - '@'
	keyEnd       = 'D' - '@'
	keyErase     = 'H' - '@'
	keyEraseAll  = 'U' - '@'
	keyDelete    = 0x7f
)

// readRaw reads a line byte by byte as it is typed. Ctrl-C counts as the end of all input.
func readRaw(in io.Reader) (string, error) {
	var line []byte
	for b := make([]byte, 1); ; {
		if n, err := in.Read(b); n == 0 && err != nil {
			return "", ErrEnded
		} else if n == 0 {
			continue
		}
		switch b[0] {
		case '\r', '\n':
			return string(line), nil
		case keyInterrupt:
			return "", ErrEnded
		case keyEnd:
			if len(line) == 0 {
				return "", ErrEnded
			}
		case keyErase, keyDelete:
			_, size := utf8.DecodeLastRune(line)
			line = line[:len(line)-size]
		case keyEraseAll:
			line = line[:0]
		default:
			line = append(line, b[0])
		}
		if len(line) > longestLine {
			return "", errLong
		}
	}
}

// read gives up waiting, not reading, when ctx ends: who types cannot be interrupted.
func (t *Terminal) read(ctx context.Context, line func() (string, error)) (string, error) {
	type answer struct {
		text string
		err  error
	}
	got := make(chan answer, 1)
	go func() {
		text, err := line()
		got <- answer{text, err}
	}()
	select {
	case a := <-got:
		return a.text, a.err
	case <-ctx.Done():
		fmt.Fprintln(t.out)
		return "", ctx.Err()
	}
}

// readLine reads byte by byte, so that what was typed ahead stays for the next prompt.
func readLine(in io.Reader) (string, error) {
	var line strings.Builder
	for b := make([]byte, 1); ; {
		n, err := in.Read(b)
		switch {
		case n == 1 && b[0] == '\n':
			return strings.TrimSuffix(line.String(), "\r"), nil
		case n == 1:
			line.WriteByte(b[0])
		case err != nil:
			return "", ErrEnded
		}
		if line.Len() > longestLine {
			return "", errLong
		}
	}
}

// width is the number of columns.
func (t *Terminal) width() int {
	columns, _, err := term.GetSize(int(t.in.Fd()))
	if err != nil || columns < 20 {
		return 80
	}
	return columns
}

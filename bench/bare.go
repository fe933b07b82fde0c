package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// answer is a captured answer of the server: what the bare handler writes.
type answer struct {
	Header http.Header
	Body   []byte
}

// captured is what c was last answered, without the headers that net/http writes by itself.
func captured(c *conn) answer {
	a := answer{Header: http.Header{}, Body: append([]byte(nil), c.body...)}
	for line := range strings.Lines(string(c.head)) {
		name, value, _ := strings.Cut(strings.TrimRight(line, "\r\n"), ": ")
		switch name {
		case "Date", "Transfer-Encoding", "Connection":
		default:
			a.Header.Add(name, value)
		}
	}
	return a
}

// startBare runs this program again, as a bare net/http server that writes a, in a process of its own as the server is.
func (b *bench) startBare(ctx context.Context, a answer) (*process, error) {
	b.started++
	file := filepath.Join(b.dir, "answer-"+strconv.Itoa(b.started))
	encoded, err := json.Marshal(a)
	if err != nil {
		return nil, fmt.Errorf("encode the answer: %w", err)
	}
	if err := os.WriteFile(file, encoded, 0o600); err != nil {
		return nil, fmt.Errorf("keep the answer: %w", err)
	}
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	p := &process{command: exec.CommandContext(ctx, self, "-bare", file)}
	said, err := p.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.command.Start(); err != nil {
		return nil, fmt.Errorf("start the bare server: %w", err)
	}
	if _, err := fmt.Fscanln(said, &p.address); err != nil {
		return nil, errors.Join(fmt.Errorf("start the bare server: %w", err), p.stop())
	}
	return p, nil
}

// serveBare writes the answer in file to whoever asks for anything, until ctx ends. It says its address on out.
func serveBare(ctx context.Context, file string, out io.Writer) error {
	encoded, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var a answer
	if err := json.Unmarshal(encoded, &a); err != nil {
		return fmt.Errorf("decode the answer: %w", err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintln(out, l.Addr())
	srv := &http.Server{Handler: a.handler()}
	context.AfterFunc(ctx, func() { srv.Close() })
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func (a answer) handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		for name, values := range a.Header {
			h[name] = values
		}
		_, _ = w.Write(a.Body)
	})
}

package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"
)

// conn is one keep-alive HTTP/1.1 connection with as little between the request's bytes and the socket as can be, because
// what the generator spends is missing from the server. It understands the answers of net/http and nothing else. It belongs
// to one goroutine.
type conn struct {
	address string
	network net.Conn
	in      *bufio.Reader
	out     []byte // for building requests
	head    []byte // header lines of the last answer, each ending in CR LF
	body    []byte
	status  int
}

const (
	dialTimeout = 10 * time.Second
	maxAnswer   = 1 << 20
)

var (
	errNotHTTP = errors.New("not an HTTP/1.1 answer")
	errTooLong = errors.New("answer is too long")
)

func (c *conn) dial(until time.Time) error {
	nc, err := net.DialTimeout("tcp", c.address, dialTimeout)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	c.network, c.in = nc, bufio.NewReaderSize(nc, 16<<10)
	return nc.SetDeadline(until)
}

func (c *conn) close() {
	if c.network != nil {
		c.network.Close()
	}
	c.network = nil
}

// do sends a whole request and reads the whole answer into c.status, c.head and c.body, which hold until the next do.
func (c *conn) do(request []byte) error {
	if _, err := c.network.Write(request); err != nil {
		return fmt.Errorf("send: %w", err)
	}
	return c.read()
}

func (c *conn) read() error {
	line, err := c.in.ReadSlice('\n')
	if err != nil {
		return fmt.Errorf("read status line: %w", err)
	}
	if len(line) < len("HTTP/1.1 200") || !bytes.HasPrefix(line, []byte("HTTP/1.1 ")) {
		return errNotHTTP
	}
	if c.status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return errNotHTTP
	}
	if err := c.readHead(); err != nil {
		return err
	}
	c.body = c.body[:0]
	if length, ok := header(c.head, "Content-Length"); ok {
		n, err := strconv.Atoi(string(length))
		if err != nil {
			return errNotHTTP
		}
		return c.readBody(n)
	}
	if _, ok := header(c.head, "Transfer-Encoding"); ok {
		return c.readChunks()
	}
	return nil // 204, 304: no body
}

func (c *conn) readHead() error {
	c.head = c.head[:0]
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return fmt.Errorf("read header: %w", err)
		}
		if len(line) <= 2 {
			return nil
		}
		c.head = append(c.head, line...)
	}
}

// readBody appends n bytes to c.body.
func (c *conn) readBody(n int) error {
	have := len(c.body)
	if n < 0 || have+n > maxAnswer {
		return errTooLong
	}
	for cap(c.body) < have+n {
		c.body = append(c.body[:cap(c.body)], 0)
	}
	c.body = c.body[:have+n]
	_, err := io.ReadFull(c.in, c.body[have:])
	return err
}

func (c *conn) readChunks() error {
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return fmt.Errorf("read chunk: %w", err)
		}
		n, err := strconv.ParseUint(string(bytes.TrimRight(line, "\r\n")), 16, 31)
		if err != nil {
			return errNotHTTP
		}
		if err := c.readBody(int(n)); err != nil {
			return err
		}
		if _, err := c.in.Discard(len("\r\n")); err != nil {
			return fmt.Errorf("read chunk: %w", err)
		}
		if n == 0 {
			return nil
		}
	}
}

// header gives the first value of a header, spelled as net/http spells it.
func header(head []byte, name string) ([]byte, bool) {
	for len(head) > 0 {
		line, rest, _ := bytes.Cut(head, []byte("\r\n"))
		if len(line) > len(name) && line[len(name)] == ':' && string(line[:len(name)]) == name {
			return bytes.TrimLeft(line[len(name)+1:], " "), true
		}
		head = rest
	}
	return nil, false
}

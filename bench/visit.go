package main

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
)

// task is what one arrival does on a connection; n is the arrival's number. It answers errRefused if the server said no,
// another error if it said nothing sensible.
type task func(c *conn, n int64) error

// refusal is an answer that is not what the visitor came for: a FAIL or an error of the API.
type refusal struct{ said, code string }

func (r *refusal) Error() string { return "refused: " + r.said }

func refused(c *conn) error {
	code := strconv.Itoa(c.status)
	for _, name := range []string{`"messagecode":"`, `"code":"`} {
		if _, rest, ok := bytes.Cut(c.body, []byte(name)); ok {
			text, _, _ := bytes.Cut(rest, []byte{'"'})
			code = string(text)
			break
		}
	}
	return &refusal{fmt.Sprintf("%d %.300s", c.status, c.body), code}
}

func isRefusal(err error) bool {
	var r *refusal
	return errors.As(err, &r)
}

// The queries of an anonymous visitor, as clients send them.
const (
	tokenQuery  = "action=query&meta=tokens&type=createaccount&format=json"
	fieldsQuery = "action=query&meta=authmanagerinfo|tokens&type=createaccount&amirequestsfor=create&format=json"
)

// get is a whole GET request of api.php. cookie is the header's value; empty = a new visitor.
func get(host, query, cookie string) []byte {
	r := "GET /w/api.php?" + query + " HTTP/1.1\r\nHost: " + host + "\r\nUser-Agent: gatehouse-bench\r\nAccept: */*\r\n"
	if cookie != "" {
		r += "Cookie: " + cookie + "\r\n"
	}
	return []byte(r + "\r\n")
}

// fetch is the task of sending one request and being answered with something that holds want.
func fetch(request []byte, want string) task {
	wanted := []byte(want)
	return func(c *conn, _ int64) error {
		if err := c.do(request); err != nil {
			return err
		}
		if c.status != 200 || !bytes.Contains(c.body, wanted) {
			return refused(c)
		}
		return nil
	}
}

// creation is the whole sign-up of a new visitor: the token in a fresh cookie session, then the post.
type creation struct {
	host  string
	token []byte // the first request
	// prefix begins every account's name, so that runs on one store do not meet.
	prefix string
}

func newCreation(host, prefix string) *creation {
	return &creation{host: host, token: get(host, tokenQuery, ""), prefix: prefix}
}

const password = "correct-horse-battery-7"

// create makes account n. It is a task: completed means that the server answered PASS.
func (v *creation) create(c *conn, n int64) error {
	if err := c.do(v.token); err != nil {
		return err
	}
	cookie, token, err := credentials(c)
	if err != nil {
		return err
	}
	c.out = v.post(c.out[:0], form{cookie: cookie, token: token, number: n})
	if err := c.do(c.out); err != nil {
		return err
	}
	if !bytes.Contains(c.body, []byte(`"status":"PASS"`)) {
		return refused(c)
	}
	return nil
}

// credentials are the cookie pair and the token (without its constant end) of a token answer. They are c's bytes.
func credentials(c *conn) (cookie, token []byte, err error) {
	set, ok := header(c.head, "Set-Cookie")
	if !ok {
		return nil, nil, refused(c)
	}
	cookie, _, _ = bytes.Cut(set, []byte(";"))
	_, rest, ok := bytes.Cut(c.body, []byte(`"createaccounttoken":"`))
	if !ok {
		return nil, nil, refused(c)
	}
	token, _, ok = bytes.Cut(rest, []byte(`+\\"`))
	if !ok {
		return nil, nil, refused(c)
	}
	return cookie, token, nil
}

type form struct {
	cookie, token []byte
	number        int64
}

const (
	beforeName  = "action=createaccount&format=json&createreturnurl=http%3A%2F%2F127.0.0.1%2F&username="
	beforeToken = "&password=" + password + "&retype=" + password + "&createtoken="
	tokenEnd    = "%2B%5C" // +\
)

// post appends the creating request to b.
func (v *creation) post(b []byte, f form) []byte {
	var digits [20]byte
	number := strconv.AppendInt(digits[:0], f.number, 10)
	length := len(beforeName) + len(v.prefix) + len(number) + len(beforeToken) + len(f.token) + len(tokenEnd)

	b = append(b, "POST /w/api.php HTTP/1.1\r\nHost: "...)
	b = append(b, v.host...)
	b = append(b, "\r\nUser-Agent: gatehouse-bench\r\nAccept: */*\r\nContent-Type: application/x-www-form-urlencoded\r\nCookie: "...)
	b = append(b, f.cookie...)
	b = append(b, "\r\nContent-Length: "...)
	b = strconv.AppendInt(b, int64(length), 10)
	b = append(b, "\r\n\r\n"+beforeName...)
	b = append(b, v.prefix...)
	b = append(b, number...)
	b = append(b, beforeToken...)
	b = append(b, f.token...)
	return append(b, tokenEnd...)
}

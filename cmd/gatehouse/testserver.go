package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"gatehouse"
	"gatehouse/internal/testserver"
)

type testserverCmd struct {
	Listen      *string   `placeholder:"ADDR" help:"Address and port to listen on (server.listen); port 0 takes any."`
	Scenario    string    `default:"plain" help:"What new accounts are asked for: plain (name and password), captcha (and a picture), full (and a visit at an OpenID provider, and an optional second factor)."`
	Seed        *uint64   `placeholder:"N" help:"Make every run alike: randomness from this number, and a clock that stands still."`
	Clock       time.Time `placeholder:"TIME" help:"Stop the clock at this time, such as 2040-01-01T00:00:00Z."`
	Awkward     *uint64   `placeholder:"N" help:"Be strange in ways that the protocol allows, chosen by this number."`
	Spaces      int       `default:"32" help:"How many spaces there may be besides the first."`
	AllowHost   []string  `placeholder:"NAME" help:"Answer to this host name as well. May be repeated."`
	AllowPublic bool      `help:"Listen where other machines reach it."`
}

// Help is printed under the command's flags.
func (testserverCmd) Help() string {
	return "Everything is in memory and gone when it ends. The control API under /_test/ resets it, shows mail and captcha answers, moves the clock, " +
		"makes requests fail and opens further spaces; open /_test/ to read how. docs/testserver.md is the manual."
}

// Run serves until a signal comes.
func (c testserverCmd) Run(ctx context.Context, s *surroundings, common *Common) error {
	var own []gatehouse.Flag
	if c.Listen != nil {
		own = append(own, gatehouse.Flag{Name: "--listen", Key: "server.listen", Value: *c.Listen})
	}
	if c.Spaces < 0 || c.Spaces > 1000 {
		return &usageError{errors.New("--spaces is a number up to 1000")}
	}
	o := testserver.Options{
		Sources: common.sources(s, own...), Scenario: testserver.Scenario(c.Scenario), Seed: c.Seed, Start: c.Clock, Awkward: c.Awkward,
		AllowHosts: c.AllowHost, AllowPublic: c.AllowPublic, MaxSpaces: c.Spaces,
	}
	cfg, err := testserver.Settings(o)
	if err == nil {
		o.Logger = newLogger(cfg, s.err)
		err = testserver.Run(ctx, o, func(t *testserver.Server) { _ = writeTestBanner(s.out, t, c) })
	}
	var no testserver.Refusal
	if errors.As(err, &no) {
		return refusal(no)
	}
	return err
}

// writeTestBanner tells where the server is and where to read on. Nobody may be reading; that is no reason not to serve.
func writeTestBanner(w io.Writer, t *testserver.Server, c testserverCmd) error {
	var b strings.Builder
	fmt.Fprintf(&b, "gatehouse %s test server (scenario %s%s%s) at %s/\n\n", gatehouse.Version, c.Scenario,
		numbered(", seed ", c.Seed), numbered(", awkward ", c.Awkward), t.URL())
	for _, line := range t.Places() {
		fmt.Fprintf(&b, "  %-18s %s\n", line[0], line[1])
	}
	b.WriteString("\nEverything is in memory and has no limits.\nCtrl-C stops it.\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func numbered(what string, n *uint64) string {
	if n == nil {
		return ""
	}
	return fmt.Sprint(what, *n)
}

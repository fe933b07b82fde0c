package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"

	"gatehouse/client"
	"gatehouse/internal/recording"
	"gatehouse/internal/replay"
)

type replayCmd struct {
	File    string   `arg:"" help:"The recording."`
	Against string   `placeholder:"URL" xor:"how" required:"" help:"Ask this wiki the same again, and show what differs: a page of it, or its api.php."`
	Serve   string   `placeholder:"ADDR" xor:"how" required:"" help:"Answer clients from the recording, at this address and port; port 0 takes any."`
	Allow   string   `placeholder:"FILE" help:"Differences that are known: a pattern and a reason a line."`
	Mask    []string `default:"times,ids,sentences" help:"What may differ: times, ids, sentences; none for nothing."`
	Script  string   `default:"/w" placeholder:"PATH" help:"The folder of api.php when serving."`
}

// Help is printed under the command's flags.
func (replayCmd) Help() string {
	return "Passwords, names and addresses have values of their own in each replay; tokens, captchas and the like are taken from the answers. What a person has to " +
		"answer, such as captchaWord, takes --set. The exit status is 0 = no difference, 1 = differences, 2 = broken. docs/recordings.md is the manual."
}

// Run replays in one of the two directions.
func (c replayCmd) Run(ctx context.Context, s *surroundings, common *Common) error {
	set, err := placeholders(common.Set)
	if err != nil {
		return err
	}
	head, exchanges, err := readRecording(c.File)
	if err != nil {
		return err
	}
	if c.Serve != "" {
		return c.serve(ctx, s, exchanges, set)
	}
	rules, err := c.rules()
	if err != nil {
		return err
	}
	wiki, err := client.Open(ctx, c.Against, client.Options{UserAgent: "gatehouse-replay"})
	if err != nil {
		return err
	}
	api, err := url.Parse(wiki.API())
	if err != nil {
		return fmt.Errorf("read the address of api.php: %w", err)
	}
	result, err := replay.Against(ctx, exchanges, replay.Target{API: api, Set: set, Random: rand.Reader, Compare: rules})
	report(s.out, result, rules.Allow)
	if errors.Is(err, recording.ErrNoValue) {
		err = fmt.Errorf("%w; --set NAME=VALUE gives one", err)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s of %s, asked of %s: %s, %d allowed\n", count(result.Exchanges, "call", "calls"), head.Generator, wiki.Site().Generator,
		count(len(result.Differences), "difference", "differences"), len(result.Allowed))
	if len(result.Differences) > 0 {
		return refusal("the answers differ")
	}
	return nil
}

// report shows the differences that nothing allows, and rules that are not needed.
func report(out io.Writer, r replay.Result, allow *replay.Allow) {
	for _, d := range r.Differences {
		fmt.Fprintln(out, d)
	}
	if allow != nil {
		for _, pattern := range allow.Unused() {
			fmt.Fprintf(out, "no difference needs the rule %s\n", pattern)
		}
	}
}

func (c replayCmd) rules() (replay.Rules, error) {
	var out replay.Rules
	for _, name := range c.Mask {
		if m := replay.Mask(name); slices.Contains(replay.Masks(), m) {
			out.Masks = append(out.Masks, m)
		} else if name != "none" {
			return out, &usageError{fmt.Errorf("--mask %s: want times, ids, sentences or none", name)}
		}
	}
	if c.Allow == "" {
		return out, nil
	}
	file, err := os.Open(c.Allow)
	if err != nil {
		return out, err
	}
	defer file.Close()
	if out.Allow, err = replay.ReadAllow(file); err != nil {
		return out, fmt.Errorf("%s: %w", c.Allow, err)
	}
	return out, nil
}

// serve answers until a signal comes, and then tells what was not in the recording and what nobody asked for.
func (c replayCmd) serve(ctx context.Context, s *surroundings, exchanges []recording.Exchange, set map[string]string) error {
	listener, err := net.Listen("tcp", c.Serve)
	if err != nil {
		return err
	}
	defer listener.Close()
	public := "http://" + listener.Addr().String()
	script := strings.TrimSuffix(c.Script, "/")
	server, err := replay.NewServer(replay.ServerOptions{
		Exchanges: exchanges, Public: public, Script: script, Set: set, Random: rand.Reader, Logger: slog.New(slog.NewTextHandler(s.err, nil)),
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "replaying %s at %s%s/api.php\n\nCtrl-C stops it.\n", c.File, public, script)
	if err := serveUntil(ctx, listener, server); err != nil {
		return err
	}
	for _, e := range server.Unasked() {
		fmt.Fprintf(s.out, "nobody asked for %s\n", e)
	}
	if n := server.Missed(); n > 0 {
		return refusal(count(n, "request was", "requests were") + " not in the recording")
	}
	return nil
}

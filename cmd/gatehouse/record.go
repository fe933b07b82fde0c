package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"gatehouse/client"
	"gatehouse/internal/recorder"
	"gatehouse/internal/recording"
)

type recordCmd struct {
	Upstream  string `required:"" placeholder:"URL" help:"The wiki: a page of it, or its api.php."`
	Listen    string `default:"127.0.0.1:8090" placeholder:"ADDR" help:"Address and port to listen on; port 0 takes any."`
	Out       string `default:"recording.jsonl" placeholder:"FILE" help:"The file to write."`
	What      string `default:"recorded calls" placeholder:"TEXT" help:"What is recorded, for the file's head."`
	Overwrite bool   `help:"Replace the file if there is one."`
}

// Help is printed under the command's flags.
func (recordCmd) Help() string {
	return "Point a client at the recorder instead of the wiki. What passes is written down as it happens, with passwords, tokens, cookies, codes and addresses " +
		"replaced by placeholders; look at a recording before you give it away. Whoever reaches the recorder reaches the wiki through it. docs/recordings.md is the manual."
}

// Run records until a signal comes.
func (c recordCmd) Run(ctx context.Context, s *surroundings) error {
	wiki, err := client.Open(ctx, c.Upstream, client.Options{UserAgent: "gatehouse-record"})
	if err != nil {
		return err
	}
	api, err := url.Parse(wiki.API())
	if err != nil {
		return fmt.Errorf("read the address of api.php: %w", err)
	}
	file, err := c.open()
	if err != nil {
		return err
	}
	defer file.Close()
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return err
	}
	defer listener.Close()
	w, err := recording.NewWriter(file, recording.Head{What: c.What, Recorded: time.Now().UTC().Truncate(time.Second), Generator: wiki.Site().Generator})
	if err != nil {
		return err
	}
	public := "http://" + listener.Addr().String()
	r := recorder.New(recorder.Options{
		API: api, Origins: originsOf(wiki.Site().MainPage), Public: public, Writer: w, Logger: slog.New(slog.NewTextHandler(s.err, nil)),
	})
	fmt.Fprintf(s.out, "recording %s at %s%s\n\n  instead of         %s\n  into               %s\n\nCtrl-C ends the recording.\n", wiki.Site().Generator, public, api.Path, wiki.API(), c.Out)
	return serveUntil(ctx, listener, r)
}

// originsOf gives scheme and host of an address, if it has them.
func originsOf(address string) []string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return nil
	}
	return []string{u.Scheme + "://" + u.Host}
}

func (c recordCmd) open() (*os.File, error) {
	flags := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if c.Overwrite {
		flags = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	file, err := os.OpenFile(c.Out, flags, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, refusal(c.Out + " is there already; --overwrite replaces it, --out names another")
	}
	return file, err
}

// serveUntil serves until ctx ends, and lets calls under way finish for a while.
func serveUntil(ctx context.Context, l net.Listener, h http.Handler) error {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	rest, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return server.Shutdown(rest)
}

// readRecording reads a file; what is wrong with it names the file.
func readRecording(name string) (recording.Head, []recording.Exchange, error) {
	file, err := os.Open(name)
	if err != nil {
		return recording.Head{}, nil, err
	}
	defer file.Close()
	head, exchanges, err := recording.Read(file)
	if err != nil {
		return head, nil, fmt.Errorf("%s: %w", name, err)
	}
	return head, exchanges, nil
}

// placeholders splits NAME=VALUE flags; a name may be written with its braces.
func placeholders(set []string) (map[string]string, error) {
	out := map[string]string{}
	for _, one := range set {
		name, value, ok := strings.Cut(one, "=")
		if !ok || name == "" {
			return nil, &usageError{fmt.Errorf("--set %s: want NAME=VALUE", one)}
		}
		out[strings.Trim(name, "{}")] = value
	}
	return out, nil
}

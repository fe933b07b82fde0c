// Package testserver is a server for the tests of client programs: everything in memory, without limits, resettable,
// deterministic on request, and honest about every secret.
//
// It runs servers of the root package behind a seam (internal/seam), which gives it their clock and randomness, and adds what
// a server for people must never have: a control API under /_test/. One process holds several spaces, each a whole server of
// its own under its own path, so that suites run in parallel. It refuses real stores, foreign host names and, unless told
// otherwise, addresses that others reach.
//
// What goes wrong on request is in package fault, what is strange though allowed in package awkward; both stand before the
// product or among its providers, and the product knows of neither. The manual is docs/testserver.md.
package testserver

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"gatehouse"
)

// Options are what a test server is made of. The zero value, with a Scenario, is fine.
type Options struct {
	// Sources are where the settings come from; their Defaults are the scenario's to give.
	Sources  gatehouse.LoadOptions
	Scenario Scenario
	// Seed makes randomness that is the same in every run, and stops the clock at Epoch; nil = neither.
	Seed *uint64
	// Start stops the clock at this time; zero = it runs, or stands at Epoch where there is a seed.
	Start time.Time
	// Awkward makes the server strange in ways that the protocol allows; nil = it behaves as usual.
	Awkward *uint64
	// AllowHosts are names besides those of this machine that requests may come under.
	AllowHosts []string
	// AllowPublic lets it listen where others reach it.
	AllowPublic bool
	// MaxSpaces bounds the spaces besides the first; 0 = DefaultSpaces.
	MaxSpaces int
	// Logger gets what goes wrong; nil = nobody does.
	Logger *slog.Logger
}

// Epoch is where the clock of a seeded server stands. It lies ahead: cookies that end then are good to clients, which go by
// the time of their own machine.
func Epoch() time.Time { return time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC) }

// DefaultSpaces is how many spaces there may be besides the first.
const DefaultSpaces = 32

// Settings are those of the first space. It refuses, with a Refusal, what a test server must not be told.
func Settings(o Options) (gatehouse.Config, error) {
	if err := o.Scenario.check(); err != nil {
		return gatehouse.Config{}, err
	}
	sources := o.Sources
	sources.Defaults = o.Scenario.settings()
	cfg, err := gatehouse.Load(sources)
	if err != nil {
		return cfg, err
	}
	if err := notForTests(cfg); err != nil {
		return cfg, err
	}
	return cfg, mayListen(cfg.Server.Listen, o.AllowPublic)
}

// Server is a running test server. It is safe for concurrent use.
type Server struct {
	options Options
	// public is scheme, host and port that clients see.
	public  string
	log     *slog.Logger
	handler http.Handler
	first   *space

	openidKey func() (*rsa.PrivateKey, error)

	mu     sync.Mutex
	spaces map[string]*space
	made   int
	closed bool
}

// New makes a test server whose first space has the settings cfg; see Settings. It listens to nothing: serve its Handler where
// cfg says, and Close it.
func New(ctx context.Context, o Options, cfg gatehouse.Config) (*Server, error) {
	if o.MaxSpaces == 0 {
		o.MaxSpaces = DefaultSpaces
	}
	s := &Server{options: o, public: publicURL(o, cfg), log: o.Logger, spaces: map[string]*space{},
		openidKey: sync.OnceValues(newOpenIDKey)}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	first, err := s.newSpace(ctx, "", order{cfg: cfg, scenario: o.Scenario, seed: o.Seed, awkward: o.Awkward})
	if err != nil {
		return nil, err
	}
	s.first, s.spaces[""] = first, first
	s.handler = onlyKnownHosts(http.HandlerFunc(s.route), o.AllowHosts)
	return s, nil
}

// publicURL is the address that the settings tell, or the first allowed name where others reach a server that was told none.
func publicURL(o Options, cfg gatehouse.Config) string {
	if !cfg.HasPublicAddress() && len(o.AllowHosts) > 0 {
		if _, port, err := net.SplitHostPort(cfg.Server.Listen); err == nil {
			return "http://" + net.JoinHostPort(o.AllowHosts[0], port)
		}
	}
	return cfg.PublicURL()
}

// Handler answers for all spaces.
func (s *Server) Handler() http.Handler { return s.handler }

// URL is the address of the first space, without a slash at its end.
func (s *Server) URL() string { return s.public }

// Places are the addresses to know, each with what is there.
func (s *Server) Places() [][2]string {
	t := s.first.told()
	return [][2]string{
		{"the API", t.API}, {"create an account", t.Create}, {"how to arrange it", t.Control},
	}
}

// Close ends all spaces. The handler must not be used afterwards.
func (s *Server) Close() error {
	s.mu.Lock()
	s.closed = true
	spaces := s.spaces
	s.spaces = nil
	s.mu.Unlock()
	var err error
	for _, sp := range spaces {
		err = errors.Join(err, sp.close())
	}
	return err
}

// How long the server waits for a client. Faults and awkward answers wait less than an answer may take.
const (
	headerTimeout = 5 * time.Second
	answerTimeout = time.Minute
	idleTimeout   = 2 * time.Minute
	drainTimeout  = 5 * time.Second
)

// Run serves until ctx ends. ready is called once, when it listens.
func Run(ctx context.Context, o Options, ready func(*Server)) error {
	cfg, err := Settings(o)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", cfg.Server.Listen)
	if err != nil {
		return err // it says what was tried, where and why it failed
	}
	cfg.Server.Listen = l.Addr().String() // port 0 is known now
	s, err := New(ctx, o, cfg)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	web := &http.Server{
		Handler: s.Handler(), ReadHeaderTimeout: headerTimeout, ReadTimeout: answerTimeout, WriteTimeout: answerTimeout,
		IdleTimeout: idleTimeout, ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelError),
	}
	failed := make(chan error, 1)
	go func() { failed <- web.Serve(l) }()
	ready(s)
	select {
	case <-ctx.Done():
	case err = <-failed:
		return errors.Join(fmt.Errorf("serve: %w", err), s.Close())
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer cancel()
	if web.Shutdown(drain) != nil {
		err = web.Close() // a client that holds on is no reason to stay
	}
	return errors.Join(err, s.Close())
}

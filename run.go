package gatehouse

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// patience is how long the server waits for a client: for its headers, its whole request, its reading of the answer, and
// its next request.
type patience struct{ headers, request, answer, idle time.Duration }

// usualPatience suits people on bad lines. Bodies are small and answers short; what takes longer is not a client.
func usualPatience() patience {
	return patience{headers: 5 * time.Second, request: 15 * time.Second, answer: time.Minute, idle: 2 * time.Minute}
}

const (
	// maxHeader bounds the first line, with the address, and the headers together.
	maxHeader       = 32 << 10
	shutdownTimeout = 20 * time.Second
	upkeepEvery     = time.Minute
)

// Run listens as cfg says and serves until ctx ends; then it drains (server.drain), stops accepting, lets running requests
// finish and closes the store. ready, if not nil, is called once with the server and the address it listens on.
func Run(ctx context.Context, cfg Config, o Options, ready func(*Server, net.Addr)) error {
	if err := usable(cfg); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", cfg.Server.Listen)
	if err != nil {
		return err // it says what was tried, where and why it failed
	}
	cfg.Server.Listen = listener.Addr().String() // port 0 is known now
	s, err := New(ctx, cfg, o)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	admin, err := s.listenForOperators()
	if err != nil {
		return errors.Join(err, listener.Close(), s.Close())
	}
	if ready != nil {
		ready(s, listener.Addr())
	}
	return errors.Join(s.serve(ctx, listener, admin), s.Close())
}

// Serve answers on l until ctx ends, looks after the store meanwhile, and drains before it returns. It closes l but not
// the server.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	admin, err := s.listenForOperators()
	if err != nil {
		return errors.Join(err, l.Close())
	}
	return s.serve(ctx, l, admin)
}

// listenForOperators gives nil where the configuration wants no such listener.
func (s *Server) listenForOperators() (net.Listener, error) {
	if s.cfg.Server.AdminListen == "" {
		return nil, nil
	}
	l, err := net.Listen("tcp", s.cfg.Server.AdminListen)
	if err != nil {
		return nil, fmt.Errorf("listen for operators: %w", err)
	}
	return l, nil
}

func (s *Server) serve(ctx context.Context, l, admin net.Listener) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	failed := make(chan error, 2)
	servers := []*http.Server{s.start(l, s.parting(s.handler), failed)}
	if admin != nil {
		servers = append(servers, s.start(admin, s.adminHandler(), failed))
	}
	var upkeep sync.WaitGroup
	upkeep.Go(func() { s.Upkeep(ctx) })

	var err error
	select {
	case <-ctx.Done():
		s.log.Info("stopping")
		err = s.awaitProxies(failed)
	case err = <-failed:
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	for _, srv := range servers {
		err = errors.Join(err, srv.Shutdown(drain))
	}
	// It ends with ctx; a mail that is being sent is finished first, within mail.timeout.
	stop()
	upkeep.Wait()
	return err
}

// awaitProxies goes on serving for as long as server.drain says, so that proxies learn from /readyz that this server is about to
// go, and send nobody here when its door closes. Where there is no /readyz, it would wait for nobody.
func (s *Server) awaitProxies(failed <-chan error) error {
	s.metrics.draining.Store(true)
	if s.cfg.Server.AdminListen == "" {
		return nil
	}
	enough := time.NewTimer(s.cfg.Server.Drain.Duration())
	defer enough.Stop()
	select {
	case <-enough.C:
		return nil
	case err := <-failed:
		return err
	}
}

// parting ends each connection with its answer once the server is about to go. Connections at rest are left open until then:
// whoever is about to use one would meet a closed door, and could not tell if the request was heard.
func (s *Server) parting(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.metrics.draining.Load() {
			w.Header().Set("Connection", "close")
		}
		h.ServeHTTP(w, r)
	})
}

func (s *Server) start(l net.Listener, h http.Handler, failed chan<- error) *http.Server {
	srv := &http.Server{
		Handler: h, ReadHeaderTimeout: s.patience.headers, ReadTimeout: s.patience.request, WriteTimeout: s.patience.answer,
		IdleTimeout: s.patience.idle, MaxHeaderBytes: maxHeader, ErrorLog: quietLog(s.log),
	}
	go func() {
		if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			failed <- fmt.Errorf("serve: %w", err)
		}
	}()
	return srv
}

// Upkeep removes what has expired, keeps the keys fresh and sends the mail that waits, until ctx ends. Run and Serve do it
// themselves; a program that mounts the handler runs it beside. A failure is logged and tried again a minute later. It
// returns when no mail is being sent any more.
func (s *Server) Upkeep(ctx context.Context) {
	if s.delivery != nil {
		var delivery sync.WaitGroup
		delivery.Go(func() { s.delivery.Run(ctx) })
		defer delivery.Wait()
	}
	defer func() {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), readyTimeout)
		defer cancel()
		s.writeFunnel(last, true)
	}()
	tick := time.NewTicker(upkeepEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			s.tidy(ctx)
		}
	}
}

// tidy is one round of Upkeep.
func (s *Server) tidy(ctx context.Context) {
	if err := s.keys.Refresh(ctx); err != nil && ctx.Err() == nil {
		s.log.Error("refresh keys", "error", err)
	}
	if s.cfg.Site.ReadOnly != "" {
		return
	}
	if err := s.store.Purge(ctx); err != nil && ctx.Err() == nil {
		s.log.Error("purge", "error", err)
	}
	s.writeFunnel(ctx, false)
}

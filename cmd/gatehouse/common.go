package main

import (
	"context"
	"fmt"

	"gatehouse"
)

// Common are the flags of every command.
type Common struct {
	File  string   `name:"config" placeholder:"FILE" env:"GATEHOUSE_CONFIG" help:"Read settings from this TOML file."`
	Store *string  `placeholder:"URL" help:"The store: sqlite:PATH, postgres://USER@HOST/DATABASE or memory: (store.url)."`
	Set   []string `placeholder:"KEY=VALUE" sep:"none" help:"Set one key; lists and tables are JSON. May be repeated, the last of one key wins. \"gatehouse config describe\" explains the keys."`
}

// sources say where this command's settings come from; own are those of its own flags.
func (c *Common) sources(s *surroundings, own ...gatehouse.Flag) gatehouse.LoadOptions {
	if c.Store != nil {
		own = append(own, gatehouse.Flag{Name: "--store", Key: "store.url", Value: *c.Store})
	}
	return gatehouse.LoadOptions{File: c.File, Environ: s.environ, Set: c.Set, Flags: own}
}

// load gives the settings of a command that works on the store, and says aloud which secrets were.
func (c *Common) load(s *surroundings) (gatehouse.Config, error) {
	cfg, err := gatehouse.Load(c.sources(s))
	if err != nil {
		return cfg, err
	}
	for _, w := range cfg.LoadWarnings() {
		warn(s, w)
	}
	return cfg, nil
}

func warn(s *surroundings, text string) { fmt.Fprintln(s.err, "gatehouse: warning:", text) }

// withOperator calls use with the operator's tool on the store.
func (c *Common) withOperator(ctx context.Context, s *surroundings, use func(*gatehouse.Operator) error) error {
	cfg, err := c.load(s)
	if err != nil {
		return err
	}
	op, err := gatehouse.OpenOperator(ctx, cfg)
	if err != nil {
		return &openError{err}
	}
	err = use(op)
	if closeErr := op.Close(); err == nil {
		err = closeErr
	}
	return err
}

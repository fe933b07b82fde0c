package main

import (
	"context"
	"fmt"

	"gatehouse"
)

type migrateCmd struct{}

// Help is printed under the command's flags.
func (migrateCmd) Help() string {
	return "Makes the store if it is missing. Besides this only \"serve\" makes or changes a store's schema; " +
		"every other command refuses a store of another version."
}

// Run brings the store's schema to this version. Doing it twice is fine.
func (migrateCmd) Run(ctx context.Context, s *surroundings, c *Common) error {
	cfg, err := c.load(s)
	if err != nil {
		return err
	}
	if err := gatehouse.Migrate(ctx, cfg, newLogger(cfg, s.err)); err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "the store %s is ready\n", cfg.Store.URL)
	return err
}

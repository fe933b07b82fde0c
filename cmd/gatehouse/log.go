package main

import (
	"io"
	"log/slog"
	"os"

	"gatehouse"
)

// newLogger writes lines of the form and importance that the settings want.
func newLogger(cfg gatehouse.Config, w io.Writer) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(cfg.Log.Level)); err != nil {
		level = slog.LevelInfo // settings that were refused have any level
	}
	options := &slog.HandlerOptions{Level: level}
	if cfg.Log.Format == "text" || cfg.Log.Format == "auto" && isTerminal(w) {
		return slog.New(slog.NewTextHandler(w, options))
	}
	return slog.New(slog.NewJSONHandler(w, options))
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

package main

import (
	"errors"
	"fmt"

	"gatehouse"
)

type configCmd struct {
	Describe describeCmd `cmd:"" help:"Print every setting with its manual and default, as a file to start from."`
	Check    checkCmd    `cmd:"" help:"Tell everything that is wrong with a file."`
}

type describeCmd struct {
	Markdown bool `help:"Print the manual as a page instead."`
}

// Run prints the manual of every setting.
func (d describeCmd) Run(s *surroundings) error {
	if d.Markdown {
		return gatehouse.DescribeMarkdown(s.out)
	}
	return gatehouse.Describe(s.out)
}

type checkCmd struct {
	File string `arg:"" optional:"" help:"The file; without it, what --config names."`
}

// Help is printed under the command's flags.
func (checkCmd) Help() string {
	return "--set and the environment count as they do for \"serve\". Exit status: 0 = in order, 1 = something is wrong, 2 = the file cannot be read."
}

// Run tells all faults at once, else what is worth a thought.
func (k checkCmd) Run(s *surroundings, c *Common) error {
	if k.File != "" {
		c.File = k.File
	}
	cfg, err := gatehouse.Load(c.sources(s))
	var faults gatehouse.Faults
	if errors.As(err, &faults) {
		return &checkError{faults}
	}
	if err != nil {
		return err
	}
	for _, w := range cfg.Warnings() {
		warn(s, w)
	}
	for _, u := range cfg.Unbuilt() {
		warn(s, u+": this version does not have it, and serve refuses to start")
	}
	name := c.File
	if name == "" {
		name = "the settings"
	}
	_, err = fmt.Fprintf(s.out, "%s: in order\n", name)
	return err
}

// checkError is what config check was asked to find, so it is an answer and no breakdown.
type checkError struct{ gatehouse.Faults }

func (e *checkError) Unwrap() error { return e.Faults }

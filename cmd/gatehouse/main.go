// Command gatehouse is the one binary: the server, the operator's tool on its store, and the manual of its settings.
//
// One file is one command. A command only reads its arguments, calls package gatehouse and prints; whatever it knows
// itself is about terminals and exit codes. The exit codes are 0 = done, 1 = refused, 2 = wrong usage or broken.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

func main() {
	// After the first signal the next one kills, for a shutdown that takes too long for somebody.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], surroundings{in: os.Stdin, out: os.Stdout, err: os.Stderr, environ: os.Environ()}))
}

// surroundings are what a command has besides its arguments.
type surroundings struct {
	in       io.Reader
	out, err io.Writer
	environ  []string
}

// commands is the command line. Its common flags may stand anywhere.
type commands struct {
	Common

	Serve      serveCmd           `cmd:"" help:"Run the server."`
	Testserver testserverCmd      `cmd:"" name:"testserver" help:"Run a server for the tests of client programs: in memory, without limits, resettable."`
	Create     createElsewhereCmd `cmd:"" help:"Create an account on any wiki, by its API."`
	Record     recordCmd          `cmd:"" help:"Record what a client and a wiki say to each other, without secrets."`
	Replay     replayCmd          `cmd:"" help:"Play a recording: ask a wiki the same again, or answer a client."`
	Account    accountCmd         `cmd:"" help:"Create, show, group and block accounts."`
	Mail       mailCmd            `cmd:"" help:"Show the mail that waits, and have it tried again."`
	Pass       passCmd            `cmd:"" help:"Make, list and revoke event passes."`
	Config     configCmd          `cmd:"" help:"Explain and check settings."`
	Migrate    migrateCmd         `cmd:"" help:"Make the store, or bring it up to this version."`
	Version    versionCmd         `cmd:"" help:"Print the version."`
}

const description = `gatehouse is an account-creation server that speaks MediaWiki's Action API.

"gatehouse serve" with nothing else runs one on this machine and says what to open.`

// run executes one command and gives its exit code.
func run(ctx context.Context, args []string, s surroundings) int {
	var c commands
	helped := false
	parser, err := kong.New(&c, kong.Name("gatehouse"), kong.Description(description), kong.Writers(s.out, s.err),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.Exit(func(int) { helped = true }), kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(&s, &c.Common))
	if err != nil {
		return complain(s.err, err)
	}
	command, err := parser.Parse(args)
	if helped { // --help has printed it; what is wrong with the rest does not matter
		return exitDone
	}
	if err != nil {
		return complain(s.err, &usageError{err})
	}
	if err := command.Run(); err != nil {
		return complain(s.err, err)
	}
	return exitDone
}

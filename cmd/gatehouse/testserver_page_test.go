package main

import (
	"bytes"
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestTestserverPage runs docs/testserver.md: its blocks of shell, in order, in one shell. What a block prints has to be what
// the block of JSON behind it shows, where … stands for anything.
func TestTestserverPage(t *testing.T) {
	for _, program := range []string{"bash", "curl"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not installed", program)
		}
	}
	page, err := os.ReadFile("../../docs/testserver.md")
	if err != nil {
		t.Fatal(err)
	}
	port := freePort(t)
	text := strings.NewReplacer("8080", port, "8081", freePort(t)).Replace(string(page))
	blocks := regexp.MustCompile("(?ms)^```(sh|json)\n(.*?)^```").FindAllStringSubmatch(text, -1)
	var script strings.Builder
	script.WriteString("set -eu\ntrap 'kill $(jobs -p)' EXIT\n")
	var wants []string
	for i, b := range blocks {
		if b[1] == "json" {
			continue
		}
		script.WriteString("{\n" + b[2] + "} && echo " + mark + "\n")
		wants = append(wants, "")
		if i+1 < len(blocks) && blocks[i+1][1] == "json" {
			wants[len(wants)-1] = strings.TrimSpace(blocks[i+1][2])
		}
	}
	outputs := strings.Split(inShell(t, port, script.String()), mark+"\n")
	if len(outputs) != len(wants)+1 {
		t.Fatalf("%d of %d blocks ended well: %q", len(outputs)-1, len(wants), outputs)
	}
	for i, want := range wants {
		p := regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(want), "…", ".*") + "$")
		if want != "" && !p.MatchString(strings.TrimSpace(outputs[i])) {
			t.Errorf("block %d prints\n%s\nand not\n%s", i+1, outputs[i], want)
		}
	}
}

const mark = "=== end of block"

// freePort is a port that nobody listens on.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// suite is somebody's tests, as small as they can be.
const suite = `#!/bin/sh -e
token=$(curl -s -c jar "$WIKI_API?action=query&meta=tokens&type=createaccount&format=json" | grep -o '[0-9a-f]\{40\}')
curl -s -b jar "$WIKI_API" -d action=createaccount -d format=json -d username=Zane -d password=a-long-pass-phrase \
  -d retype=a-long-pass-phrase -d createreturnurl=http://localhost/ --data-urlencode "createtoken=$token+\\" | grep '"status":"PASS"'
`

// inShell runs a script beside the suite; a server that is not told otherwise listens on port.
func inShell(t *testing.T, port, script string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "run-my-tests"), []byte(suite), 0o700); err != nil {
		t.Fatal(err)
	}
	var out, complaints bytes.Buffer
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	shell := exec.CommandContext(ctx, "bash", "-c", script)
	shell.WaitDelay = 20 * time.Second // servers in the background hold its output until they have ended
	shell.Env = []string{"GATEHOUSE_SERVER_LISTEN=127.0.0.1:" + port}
	shell.Dir, shell.Stdout, shell.Stderr = dir, &out, &complaints
	for _, pair := range os.Environ() { // the server's settings are the page's
		if !strings.HasPrefix(pair, "GATEHOUSE_") {
			shell.Env = append(shell.Env, pair)
		}
	}
	if err := shell.Run(); err != nil {
		t.Errorf("the page's commands fail: %v\n%s%s", err, &out, &complaints)
	}
	return out.String()
}

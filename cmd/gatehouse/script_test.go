package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/rogpeppe/go-internal/testscript"

	"gatehouse/internal/mail/mailtest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"gatehouse": main})
}

const postgresVariable = "GATEHOUSE_TEST_POSTGRES"

// TestScripts drives the binary through ../../testdata/script on both engines. $STORE is an empty store of the script's
// own.
func TestScripts(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		runScripts(t, "sqlite", func(env *testscript.Env) error {
			env.Setenv("STORE", "sqlite:"+env.WorkDir+"/store.db")
			return nil
		})
	})
	t.Run("postgres", func(t *testing.T) {
		server := os.Getenv(postgresVariable)
		if server == "" {
			t.Skipf("%s is not set: the scripts ran on SQLite only", postgresVariable)
		}
		runScripts(t, "postgres", func(env *testscript.Env) error {
			store, err := newDatabase(env, server)
			env.Setenv("STORE", store)
			env.Setenv("GATEHOUSE_KEYS_FILE", env.WorkDir+"/master.key")
			return err
		})
	})
}

func runScripts(t *testing.T, engine string, setup func(*testscript.Env) error) {
	testscript.Run(t, testscript.Params{
		Dir:                 "../../testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			jar, err := cookiejar.New(nil)
			if err != nil {
				return err
			}
			env.Values[clientKey{}] = &http.Client{Jar: jar}
			env.Values[sinkKey{}] = mailtest.New(t, mailtest.Config{Decide: func(_ int, to string) mailtest.Act {
				if strings.HasPrefix(to, "nobody") {
					return mailtest.NoSuchUser
				}
				return mailtest.Accept
			}})
			return setup(env)
		},
		Condition: func(cond string) (bool, error) {
			if cond == "sqlite" || cond == "postgres" {
				return cond == engine, nil
			}
			return false, fmt.Errorf("unknown condition %q", cond)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "banner": banner, "fetch": fetch, "keep": keep,
			"queuemail": queuemail, "mailsink": mailsink, "awaitmail": awaitmail,
		},
	})
}

// newDatabase makes a database for one script and drops it afterwards.
func newDatabase(env *testscript.Env, server string) (string, error) {
	u, err := url.Parse(server)
	if err != nil {
		return "", err
	}
	admin, err := sql.Open("pgx", server)
	if err != nil {
		return "", err
	}
	name := "gatehouse_script_" + strings.ToLower(rand.Text())
	if _, err := admin.Exec("CREATE DATABASE " + name); err != nil {
		return "", errors.Join(err, admin.Close())
	}
	env.Defer(func() {
		_, err := admin.Exec("DROP DATABASE " + name + " WITH (FORCE)")
		if err = errors.Join(err, admin.Close()); err != nil {
			env.T().Log("drop the script's database:", err)
		}
	})
	if password, ok := u.User.Password(); ok { // the address itself carries no secret, so that warnings mean something
		env.Setenv("PGPASSWORD", password)
		u.User = url.User(u.User.Username())
	}
	u.Path = "/" + name
	return u.String(), nil
}

// exits CODE COMMAND … runs a command that must end with exactly this code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND [ARGUMENT …]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// banner PIPE FILE waits until a server has written its banner into the named pipe, stores it in the file, and sets $URL
// to where the server is.
func banner(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: banner PIPE FILE")
	}
	pipe, err := os.Open(ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Defer(func() { pipe.Close() })
	var text strings.Builder
	for lines := bufio.NewScanner(pipe); lines.Scan(); {
		text.WriteString(lines.Text() + "\n")
		if _, rest, ok := strings.Cut(lines.Text(), " at http"); ok {
			ts.Setenv("URL", "http"+strings.TrimSuffix(rest, "/"))
		}
		if strings.HasPrefix(lines.Text(), "Ctrl-C") {
			ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text.String()), 0o600))
			return
		}
	}
	ts.Fatalf("the server ended before its banner did:\n%s", text.String())
}

type clientKey struct{}

// fetch URL [NAME=VALUE …] gets a page with the script's cookies, or posts a form, and prints status and body.
func fetch(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) == 0 {
		ts.Fatalf("usage: fetch URL [NAME=VALUE …]")
	}
	client := ts.Value(clientKey{}).(*http.Client)
	response, err := send(client, args[0], args[1:])
	if neg {
		if err == nil {
			ts.Fatalf("somebody answers")
		}
		return
	}
	ts.Check(err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	ts.Check(err)
	fmt.Fprintf(ts.Stdout(), "%d\n%s\n", response.StatusCode, body)
}

func send(client *http.Client, address string, fields []string) (*http.Response, error) {
	if len(fields) == 0 {
		request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, address, nil)
		if err != nil {
			return nil, err
		}
		return client.Do(request)
	}
	form := url.Values{}
	for _, f := range fields {
		name, value, _ := strings.Cut(f, "=")
		form.Add(name, value)
	}
	return client.PostForm(address, form)
}

// keep NAME PATTERN sets a variable to the first group of a pattern in the last output.
func keep(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: keep NAME PATTERN")
	}
	pattern, err := regexp.Compile(args[1])
	ts.Check(err)
	found := pattern.FindStringSubmatch(ts.ReadFile("stdout"))
	if len(found) != 2 {
		ts.Fatalf("no %s in the output", args[1])
	}
	ts.Setenv(args[0], found[1])
}

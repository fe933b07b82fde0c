package e2e

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The functions of this file prepare the script of one client: the command lacks only its arguments. They skip the test
// where the machine lacks the client.

// npm prepares a script for node that imports packages of the npm registry.
func npm(name string, packages ...string) func(*testing.T) *exec.Cmd {
	return func(t *testing.T) *exec.Cmd {
		t.Helper()
		node := needs(t, "node", "nodejs")
		for _, p := range packages {
			if _, err := os.Stat(filepath.Join("clients", "node_modules", p)); errors.Is(err, fs.ErrNotExist) {
				t.Skipf("the npm package %s is missing (scripts/setup installs it)", p)
			}
		}
		return exec.Command(node, script(t, name))
	}
}

// recentNode prepares like run, and skips where node is too old for it.
func recentNode(run func(*testing.T) *exec.Cmd) func(*testing.T) *exec.Cmd {
	return func(t *testing.T) *exec.Cmd {
		t.Helper()
		cmd := run(t)
		needsSetCookie(t)
		return cmd
	}
}

// needsSetCookie skips where fetch cannot tell one Set-Cookie line from the next, as in Debian 12.
func needsSetCookie(t *testing.T) {
	t.Helper()
	if exec.Command(needs(t, "node", "nodejs"), "-e", "new Headers().getSetCookie()").Run() != nil {
		t.Skip("this node has no Headers.getSetCookie, which the program needs (node 20 has it)")
	}
}

// python prepares a script for the first Python that has the module: the one that comes first on the path is not always the
// one that Debian installs modules for.
func python(name, module, debianPackage string) func(*testing.T) *exec.Cmd {
	return func(t *testing.T) *exec.Cmd {
		t.Helper()
		for _, interpreter := range []string{"python3", "/usr/bin/python3"} {
			if exec.Command(interpreter, "-c", "import "+module).Run() == nil {
				return exec.Command(interpreter, script(t, name))
			}
		}
		t.Skipf("Python's %s is missing (Debian: apt-get install %s)", module, debianPackage)
		return nil
	}
}

// perl prepares a script that uses module.
func perl(name, module, debianPackage string) func(*testing.T) *exec.Cmd {
	return func(t *testing.T) *exec.Cmd {
		t.Helper()
		interpreter := needs(t, "perl", "perl")
		if exec.Command(interpreter, "-M"+module, "-e", "1").Run() != nil {
			t.Skipf("Perl's %s is missing (Debian: apt-get install %s)", module, debianPackage)
		}
		return exec.Command(interpreter, script(t, name))
	}
}

// goProgram builds the program of a module of its own.
func goProgram(module string) func(*testing.T) *exec.Cmd {
	return func(t *testing.T) *exec.Cmd {
		t.Helper()
		program := filepath.Join(t.TempDir(), module)
		for _, step := range [][]string{{"mod", "download"}, {"build", "-o", program}} {
			run := exec.Command("go", step...)
			run.Dir = script(t, module)
			if out, err := run.CombinedOutput(); err != nil && step[0] == "mod" {
				t.Skipf("the modules of %s cannot be fetched: %s", module, out)
			} else if err != nil {
				t.Fatalf("%v: %s", err, out)
			}
		}
		return exec.Command(program)
	}
}

// script is the whole path of a file of the clients.
func script(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("clients", name))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

package gatehouse

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestUnit lets systemd itself read the unit that we ship.
func TestUnit(t *testing.T) {
	tool, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd-analyze is missing")
	}
	unit := strings.ReplaceAll(read(t, "deploy/gatehouse.service"), "/usr/local/bin/gatehouse", "/bin/true")
	file := filepath.Join(t.TempDir(), "gatehouse.service")
	if err := os.WriteFile(file, []byte(unit), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(tool, "verify", file).CombinedOutput(); err != nil || strings.Contains(string(out), "gatehouse.service") {
		t.Errorf("%v: %s", err, out)
	}
}

package e2e

import (
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The recipe for a shell runs a suite, here one program, against a server that is there for that long.
func TestShellRecipe(t *testing.T) {
	needs(t, "curl", "curl")
	_, port, err := net.SplitHostPort(freeAddress(t))
	if err != nil {
		t.Fatal(err)
	}
	recipe := exec.Command("sh", "-e", example(t, "ci/test.sh"), "sh", "-c", goExample(t, "naive").Path+` "$WIKI_API" Zane `+password)
	recipe.Env = append(os.Environ(), "PORT="+port, "PATH="+filepath.Dir(binary)+":"+os.Getenv("PATH"))
	recipe.Dir = t.TempDir()
	if out, err := recipe.CombinedOutput(); err != nil || !strings.Contains(string(out), "created Zane\n") {
		t.Errorf("it ends with %v: %s", err, out)
	}
}

// The recipe for GitHub Actions is a workflow by its form, and runs a script that there is.
func TestActionsRecipe(t *testing.T) {
	node := npm("", "js-yaml")(t)
	module, err := filepath.Abs("clients/node_modules/js-yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := output(t, exec.Command(node.Path, "-e",
		`console.log(JSON.stringify(require(process.argv[1]).load(require('fs').readFileSync(process.argv[2], 'utf8'))))`,
		module, example(t, "ci/github-actions.yml")))
	var workflow struct {
		On   []string
		Jobs map[string]struct {
			RunsOn string `json:"runs-on"`
			Steps  []struct{ Uses, Run string }
		}
	}
	if err := json.Unmarshal(text, &workflow); err != nil {
		t.Fatal(err)
	}
	job := workflow.Jobs["test"]
	if len(workflow.On) == 0 || job.RunsOn == "" || len(job.Steps) == 0 {
		t.Fatalf("it reads %s", text)
	}
	for _, step := range job.Steps {
		if (step.Uses == "") == (step.Run == "") {
			t.Errorf("a step neither uses nor runs anything, or both: %+v", step)
		}
	}
	if last := job.Steps[len(job.Steps)-1].Run; !strings.HasPrefix(last, "gatehouse/examples/ci/test.sh ") {
		t.Errorf("the last step is %q", last)
	}
}

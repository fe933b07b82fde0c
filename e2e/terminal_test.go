package e2e

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/creack/pty"
)

// TestTerminalScreen takes the picture of the terminal client: what a real terminal shows while somebody makes an account.
func TestTerminalScreen(t *testing.T) {
	folder := os.Getenv(picturesFolder)
	if folder == "" {
		t.Skip("make screens names the folder in " + picturesFolder)
	}
	server := testServer(t)
	g := &guide{visitor: visit(t, true, server.base), server: server, lang: "en"}
	g.enter("captcha")
	shown := atTerminal(t, g.base+"/w/api.php", []string{"CAPTCHA:", "Username:", "Password:", "Retype password:", "Email"},
		[]string{"482913", "Zane Grey", password, password, ""})
	page := `<!doctype html><meta charset="utf-8"><title>terminal</title><style>
		body { margin: 0; padding: 16px; background: #14171a; color: #eceff2; width: max-content }
		pre { margin: 0; font: 14px/17px "DejaVu Sans Mono", monospace }
		i { display: inline-block; width: 8.43px; height: 17px; vertical-align: top; background: linear-gradient(var(--a) 50%, var(--b) 50%) }
		</style><pre>` + inColour(shown) + "</pre>"
	g.do("show", chromedp.Navigate("data:text/html;base64,"+base64.StdEncoding.EncodeToString([]byte(page))))
	g.do("size", chromedp.EmulateViewport(880, 400))
	image, err := chromedp.Run(g.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "terminal.png"), image, 0o644); err != nil {
		t.Fatal(err)
	}
}

// atTerminal runs the client at a pseudo-terminal, types an answer whenever one of the prompts stands there, and gives what was
// shown up to the last of them.
func atTerminal(t *testing.T, api string, prompts, answers []string) string {
	t.Helper()
	cmd := exec.Command(binary, "create", api)
	cmd.Env = append(os.Environ(), "TERM=xterm-256color", "LANG=en_US.UTF-8", "TMPDIR="+t.TempDir())
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 50, Cols: 100})
	if err != nil {
		t.Fatal(err)
	}
	defer tty.Close()
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed, and says so
	}()
	defer time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() }).Stop() // only against hanging
	var all bytes.Buffer
	from, some := 0, make([]byte, 4096)
	for i := range prompts {
		for !bytes.Contains(all.Bytes()[from:], []byte("\n"+prompts[i])) {
			n, err := tty.Read(some)
			if err != nil {
				t.Fatalf("the terminal shows no %q: %v\n%s", prompts[i], err, all.String()[from:])
			}
			all.Write(some[:n])
		}
		from = all.Len()
		if i < len(prompts)-1 {
			fmt.Fprintln(tty, answers[i])
		}
	}
	return "$ gatehouse create https://wiki.example\r\n" + all.String()
}

var (
	halves  = regexp.MustCompile("\x1b\\[38;5;(\\d+);48;5;(\\d+)m▀")
	escapes = regexp.MustCompile("\x1b\\[[0-9;?]*[a-zA-Z]")
	kept    = regexp.MustCompile(`/\S+(/gatehouse-captcha-)\d+`)
)

// inColour is what a terminal shows, as HTML: pictures in half blocks, and words.
func inColour(shown string) string {
	var out strings.Builder
	for line := range strings.SplitSeq(strings.ReplaceAll(shown, "\r\n", "\n"), "\n") {
		if cells := halves.FindAllStringSubmatch(line, -1); len(cells) > 0 {
			for _, c := range cells {
				fmt.Fprintf(&out, `<i style="--a:%s;--b:%s"></i>`, colour(c[1]), colour(c[2]))
			}
		} else {
			words := kept.ReplaceAllString(escapes.ReplaceAllString(line, ""), "/tmp${1}1")
			out.WriteString(html.EscapeString(words))
		}
		out.WriteByte('\n')
	}
	return out.String()
}

// colour is one of the 256 that terminals have, in CSS: the cube of six, or a grey.
func colour(index string) string {
	n, _ := strconv.Atoi(index)
	if n >= 232 {
		grey := 8 + 10*(n-232)
		return fmt.Sprintf("rgb(%d,%d,%d)", grey, grey, grey)
	}
	level := func(i int) int {
		if i == 0 {
			return 0
		}
		return 55 + 40*i
	}
	n = max(0, n-16)
	return fmt.Sprintf("rgb(%d,%d,%d)", level(n/36), level(n/6%6), level(n%6))
}

package e2e

import (
	"bufio"
	"html"
	"image/png"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// forms are the two web forms of the examples, each prepared to run for a wiki.
var forms = []struct {
	name string
	run  func(t *testing.T, api string) *exec.Cmd
}{
	{"flask", func(t *testing.T, api string) *exec.Cmd {
		cmd := python("", "flask, requests", "python3-flask python3-requests")(t)
		return exec.Command(cmd.Path, "-u", "../examples/account-form-flask/app.py", api, "0")
	}},
	{"go", func(t *testing.T, api string) *exec.Cmd {
		program := filepath.Join(t.TempDir(), "account-form-go")
		if out, err := exec.Command("go", "build", "-o", program, "../examples/account-form-go").CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return exec.Command(program, api, "127.0.0.1:0")
	}},
}

// The forms list what the wiki asks for, tell why it refuses, keep what was typed, and create the account.
func TestAccountForms(t *testing.T) {
	for _, form := range forms {
		t.Run(form.name, func(t *testing.T) {
			v := newFormVisitor(t, running(t, form.run(t, serve(t, "--set", "captcha.kind=math")+"/w/api.php")))
			page := v.get("/")
			for _, want := range []string{
				"captchaId", "CAPTCHA (string)", "Username (string)", "Password (password)", "Email (string, optional)", "Real name (string, optional)",
			} {
				if !strings.Contains(page, want) {
					t.Errorf("the form lacks %q:\n%s", want, page)
				}
			}
			name := "Zane " + form.name
			page = v.send(page, url.Values{
				"captchaWord": {"1000"}, "username": {name}, "password": {password}, "retype": {password}, "email": {"zane@example.org"},
			})
			for _, want := range []string{"FAIL", "captcha-createaccount-fail", "zane@example.org", name} {
				if !strings.Contains(page, want) {
					t.Errorf("the wrong answer's page lacks %q:\n%s", want, page)
				}
			}
			if strings.Contains(page, password) {
				t.Error("the password comes back")
			}
			page = v.send(page, url.Values{"captchaWord": {sum(t, page)}, "username": {name}, "password": {password}, "retype": {password}})
			if want := "The account " + name + " is there."; !strings.Contains(page, want) {
				t.Errorf("the right answer's page lacks %q:\n%s", want, page)
			}
		})
	}
}

// A token and a captcha belong to one browser: what another is shown is of no use.
func TestAccountFormsKeepBrowsersApart(t *testing.T) {
	for _, form := range forms {
		t.Run(form.name, func(t *testing.T) {
			base := running(t, form.run(t, serve(t, "--set", "captcha.kind=math")+"/w/api.php"))
			one, other := newFormVisitor(t, base), newFormVisitor(t, base)
			page := one.get("/")
			other.get("/")
			page = other.send(page, url.Values{
				"captchaWord": {sum(t, page)}, "username": {"Zane"}, "password": {password}, "retype": {password},
			})
			if !strings.Contains(page, "captcha-createaccount-fail") {
				t.Errorf("another browser's captcha is taken:\n%s", page)
			}
		})
	}
}

// A picture is shown through the form's own address, fetched with the cookies of the browser that it is for.
func TestAccountFormsShowPictures(t *testing.T) {
	for _, form := range forms {
		t.Run(form.name, func(t *testing.T) {
			v := newFormVisitor(t, running(t, form.run(t, serve(t, "--set", "captcha.kind=image")+"/w/api.php")))
			if page := v.get("/"); !strings.Contains(page, `<img src="/captcha"`) {
				t.Errorf("the form shows no picture:\n%s", page)
			}
			resp, err := v.client.Get(v.base + "/captcha")
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if img, err := png.DecodeConfig(resp.Body); err != nil || img.Width < 200 || resp.Header.Get("Content-Type") != "image/png" {
				t.Errorf("the picture is %v: %+v, %v", resp.Header, img, err)
			}
		})
	}
}

// formVisitor is a browser without script.
type formVisitor struct {
	t      *testing.T
	base   string
	client http.Client
}

func newFormVisitor(t *testing.T, base string) *formVisitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &formVisitor{t: t, base: base, client: http.Client{Jar: jar}}
}

func (v *formVisitor) get(path string) string {
	v.t.Helper()
	return v.read(v.client.Get(v.base + path))
}

var hiddenInput = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)

// send fills in the form of the page.
func (v *formVisitor) send(page string, typed url.Values) string {
	v.t.Helper()
	for _, m := range hiddenInput.FindAllStringSubmatch(page, -1) {
		typed.Set(m[1], html.UnescapeString(m[2]))
	}
	return v.read(v.client.PostForm(v.base+"/", typed))
}

func (v *formVisitor) read(resp *http.Response, err error) string {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		v.t.Fatalf("%s: %s", resp.Status, body)
	}
	return html.UnescapeString(string(body))
}

// sum does the sum that a page asks for.
func sum(t *testing.T, page string) string {
	t.Helper()
	m := regexp.MustCompile(`(\d+)(\+|−)(\d+) =`).FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("no sum on the page:\n%s", page)
	}
	a, _ := strconv.Atoi(m[1])
	b, _ := strconv.Atoi(m[3])
	if m[2] == "−" {
		b = -b
	}
	return strconv.Itoa(a + b)
}

// running starts a program that prints its address and gives that.
func running(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	r, w := io.Pipe()
	cmd.Stdout, cmd.Stderr = w, w
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		cmd.Wait() // it is killed: how it ends says nothing
		w.Close()
		close(ended)
	}()
	t.Cleanup(func() {
		cmd.Process.Kill()
		<-ended
	})
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		if found := address.FindString(lines.Text()); found != "" {
			go io.Copy(io.Discard, r)
			return found
		}
		t.Log(lines.Text())
	}
	t.Fatal("the program ended without printing its address")
	return ""
}

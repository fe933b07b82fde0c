package client_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"gatehouse/client"
	"gatehouse/internal/mediawikitest"
)

func open(t *testing.T, address string, o client.Options) *client.Wiki {
	t.Helper()
	wiki, err := client.Open(t.Context(), address, o)
	if err != nil {
		t.Fatal(err)
	}
	return wiki
}

func begin(t *testing.T, wiki *client.Wiki) *client.Creation {
	t.Helper()
	creation, err := wiki.Begin(t.Context(), client.CreationOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return creation
}

func submit(t *testing.T, creation *client.Creation, answers client.Answers) client.Step {
	t.Helper()
	step, err := creation.Submit(t.Context(), answers)
	if err != nil {
		t.Fatal(err)
	}
	return step
}

// TestMediaWiki makes accounts on a real one, from any of its pages.
func TestMediaWiki(t *testing.T) {
	address := mediawikitest.Start(t, mediawikitest.Options{})
	for i, page := range []string{"/api.php", "/", "/index.php?title=Special:CreateAccount", "/index.php/Main_Page#top"} {
		wiki := open(t, address+page, client.Options{UserAgent: "Tests/1.0 (ada@example.org)"})
		if wiki.API() != address+"/api.php" || !strings.HasPrefix(wiki.Site().Generator, "MediaWiki 1.") {
			t.Fatalf("%s leads to %s, %+v", page, wiki.API(), wiki.Site())
		}
		name := "Zane" + strconv.Itoa(i)
		step := submit(t, begin(t, wiki), client.Answers{"username": strings.ToLower(name), "password": "Corr3ct-horse", "email": "zane@example.org"})
		if step.Status != client.Pass || step.Username != name || len(step.Warnings) > 0 {
			t.Errorf("%s: %+v", page, step)
		}
	}
	wiki := open(t, address, client.Options{})
	if step := submit(t, begin(t, wiki), client.Answers{"username": "Zane0", "password": "Corr3ct-horse"}); step.Code != "userexists" {
		t.Errorf("a second time: %+v", step)
	}
	for name, want := range map[string]bool{"Zane0": true, "zane0": true, "Zane9": false, "Zane0|Zane1": false, "bad#name": false} {
		if got, err := wiki.UserExists(t.Context(), name); got != want || err != nil {
			t.Errorf("%q exists: %v, %v", name, got, err)
		}
	}
	newest := newUsers(t, wiki)
	if want := []string{"create Zane3", "create Zane2", "create Zane1", "create Zane0"}; !slices.Equal(newest[:4], want) {
		t.Errorf("the log has %q", newest)
	}
}

func newUsers(t *testing.T, wiki *client.Wiki) []string {
	t.Helper()
	var out []string
	for e, err := range wiki.NewUsers(t.Context(), client.NewUsersOptions{Batch: 2}) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Time.IsZero() || e.LogID == 0 || e.UserID == 0 {
			t.Errorf("an entry of the log: %+v", e)
		}
		out = append(out, e.Action+" "+e.Name)
	}
	return out
}

// TestMediaWikiKeepsTheAddress holds that an e-mail address alone, which MediaWiki drops where a form leaves the real name
// out, arrives.
func TestMediaWikiKeepsTheAddress(t *testing.T) {
	wiki := open(t, mediawikitest.Start(t, mediawikitest.Options{}), client.Options{})
	step := submit(t, begin(t, wiki), client.Answers{"username": "Zane", "password": "Corr3ct-horse", "email": "nonsense"})
	if step.Code != "invalidemailaddress" {
		t.Errorf("the address was not looked at: %+v", step)
	}
}

func TestMediaWikiCaptchas(t *testing.T) {
	t.Run("sum", func(t *testing.T) {
		creation := begin(t, open(t, mediawikitest.Start(t, mediawikitest.Options{Captcha: mediawikitest.Simple}), client.Options{}))
		captcha, ok := creation.Step().Captcha()
		if !ok || captcha.Kind != "simple" || captcha.IsPicture() || captcha.ID == "" {
			t.Fatalf("the captcha: %+v", captcha)
		}
		step := submit(t, creation, client.Answers{"username": "Zane", "password": "Corr3ct-horse", captcha.Word: solveSum(t, captcha.Text())})
		if step.Status != client.Pass {
			t.Errorf("got %+v", step)
		}
	})
	t.Run("picture", func(t *testing.T) {
		wiki := open(t, mediawikitest.Start(t, mediawikitest.Options{Captcha: mediawikitest.Image}), client.Options{})
		for answer, want := range map[string]client.Status{"wrong": client.Fail, mediawikitest.PictureAnswer: client.Pass} {
			creation := begin(t, wiki)
			captcha, _ := creation.Step().Captcha()
			picture, err := wiki.CaptchaPicture(t.Context(), captcha)
			if err != nil || picture.MIME != "image/png" || !strings.HasPrefix(string(picture.Bytes), "\x89PNG") {
				t.Fatalf("the picture: %v, %.20q of %+v", err, picture.Bytes, captcha)
			}
			step := submit(t, creation, client.Answers{"username": "Zane", "password": "Corr3ct-horse", captcha.Word: answer})
			if step.Status != want {
				t.Errorf("%s: %+v", answer, step)
			}
			if _, err := creation.Submit(t.Context(), nil); !errors.Is(err, client.ErrOver) {
				t.Errorf("after the end: %v", err)
			}
		}
	})
}

func solveSum(t *testing.T, sum string) string {
	t.Helper()
	var a, b int
	var sign rune
	if _, err := fmt.Sscanf(sum, "%d%c%d", &a, &sign, &b); err != nil {
		t.Fatalf("the sum %q: %v", sum, err)
	}
	if sign != '+' {
		b = -b
	}
	return strconv.Itoa(a + b)
}

// TestMediaWikiSignIn signs in with two factors, makes an account for somebody else and signs out.
func TestMediaWikiSignIn(t *testing.T) {
	const secret = "6CO32AKVEP2XMIV5"
	wiki := open(t, mediawikitest.Start(t, mediawikitest.Options{TwoFactor: secret}), client.Options{})
	admin := client.Credentials{Username: mediawikitest.Admin, Password: mediawikitest.AdminPassword}
	if _, err := wiki.Login(t.Context(), admin); !errors.Is(err, client.ErrNoAnswer) {
		t.Errorf("without a code: %v", err)
	}
	refusals := map[string]client.Credentials{
		"wrongpassword":         {Username: mediawikitest.Admin, Password: "wrong", Secret: secret},
		"oathauth-login-failed": {Username: mediawikitest.Admin, Password: mediawikitest.AdminPassword, Secret: "GEZDGNBVGY3TQOJQ"},
	}
	for code, who := range refusals {
		refusal, ok := errors.AsType[*client.Refusal](second(wiki.Login(t.Context(), who)))
		if !ok || refusal.Code != code {
			t.Errorf("%s: %+v", code, refusal)
		}
	}
	admin.Code = func(_ context.Context, s client.Step) (string, error) { return client.TOTP(secret, time.Now()) }
	if name, err := wiki.Login(t.Context(), admin); name != mediawikitest.Admin || err != nil {
		t.Fatalf("signed in as %q, %v", name, err)
	}
	me, err := wiki.UserInfo(t.Context())
	if err != nil || me.Anonymous || !slices.Contains(me.Groups, "sysop") || !slices.Contains(me.Rights, "createaccount") {
		t.Errorf("I am %+v, %v", me, err)
	}
	step := submit(t, begin(t, wiki), client.Answers{"username": "Zane", "password": "Corr3ct-horse", "reason": "asked for it"})
	if step.Status != client.Pass {
		t.Fatalf("for somebody else: %+v", step)
	}
	for e, err := range wiki.NewUsers(t.Context(), client.NewUsersOptions{Creator: mediawikitest.Admin}) {
		if err != nil || e.Action != "create2" || e.Name != "Zane" || e.Comment != "asked for it" {
			t.Errorf("the log has %+v, %v", e, err)
		}
		break
	}
	if err := wiki.Logout(t.Context()); err != nil {
		t.Fatal(err)
	}
	if me, err := wiki.UserInfo(t.Context()); !me.Anonymous || err != nil {
		t.Errorf("after signing out I am %+v, %v", me, err)
	}
}

func second[A, B any](_ A, b B) B { return b }

// TestMediaWikiPrivate opens a wiki that only its users read, and makes an account there.
func TestMediaWikiPrivate(t *testing.T) {
	address := mediawikitest.Start(t, mediawikitest.Options{Settings: "$wgGroupPermissions['*']['read'] = false;\n"})
	wiki := open(t, address, client.Options{})
	if step := submit(t, begin(t, wiki), client.Answers{"username": "Zane", "password": "Corr3ct-horse"}); step.Status != client.Pass {
		t.Errorf("got %+v", step)
	}
}

func TestMediaWikiRefuses(t *testing.T) {
	for setting, check := range map[string]func(client.Step, error) bool{
		"$wgReadOnly = 'back at noon';": func(_ client.Step, err error) bool {
			refused, ok := errors.AsType[*client.APIError](err)
			return ok && refused.Code == "readonly"
		},
		"$wgAPIModules['createaccount'] = 'ApiDisabled';": func(_ client.Step, err error) bool {
			refused, ok := errors.AsType[*client.APIError](err)
			return ok && refused.Code == "moduledisabled"
		},
		"$wgGroupPermissions['*']['createaccount'] = false;": func(s client.Step, err error) bool {
			return err == nil && s.Code == "permissiondenied" && !strings.Contains(s.Message.String(), "<")
		},
		"$wgAccountCreationThrottle = [ [ 'count' => 1, 'seconds' => 60 ] ];": func(s client.Step, err error) bool {
			return err == nil && s.Code == "acct_creation_throttle_hit"
		},
	} {
		wiki := open(t, mediawikitest.Start(t, mediawikitest.Options{Settings: setting + "\n"}), client.Options{})
		var step client.Step
		var err error
		for i := range 2 {
			step, err = begin(t, wiki).Submit(t.Context(), client.Answers{"username": "Zane" + strconv.Itoa(i), "password": "Corr3ct-horse"})
		}
		if !check(step, err) {
			t.Errorf("%s: %+v, %v", setting, step, err)
		}
	}
}

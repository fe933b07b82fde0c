package testserver

import (
	"net/http"
	"strings"
	"testing"

	"gatehouse/client"
)

// TestExample3 walks the whole flow: captcha, then the provider inside, then the second factor, with a code and without.
func TestExample3(t *testing.T) {
	s := start(t, Options{Scenario: Full, Seed: seed(1)})
	v := newVisitor(t, s, testBase)
	v.must("POST", "openid", `{"subject": "zane-1", "name": "Zane Zander", "email": "zane@example.org", "email_verified": true}`)
	zane, err := newSomeone(direct{s}, "Zane")
	if err != nil {
		t.Fatal(err)
	}
	if last, err := zane.walk(t.Context(), client.Answers{"skip2FASetup": "1"}); err != nil || last.Status != client.Pass {
		t.Fatalf("%s, %v", last.JSON, err)
	}
	v.must("POST", "openid", `{"deny": true}`)
	yann, err := newSomeone(direct{s}, "Yann")
	if err != nil {
		t.Fatal(err)
	}
	if last, err := yann.walk(t.Context(), nil); err != nil || last.Status != client.Fail {
		t.Errorf("%s, %v", last.JSON, err)
	}
	v.must("DELETE", "openid", "")
	if _, err := yann.walk(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "/_openid/authorize") {
		t.Errorf("the provider asks nobody: %v", err)
	}
}

// The whole flow can be awkward, too.
func TestAwkwardExample3(t *testing.T) {
	for n := range uint64(12) {
		s := start(t, Options{Scenario: Full, Seed: seed(1), Awkward: seed(n)})
		newVisitor(t, s, testBase).must("POST", "openid", `{"subject": "zane-1"}`)
		if err := join(t.Context(), direct{s}, "Zane"); err != nil {
			t.Errorf("seed %d: %v", n, err)
		}
	}
}

func TestSecondFactor(t *testing.T) {
	s := start(t, Options{Scenario: Plain, Seed: seed(1)}, "totp.at_creation=optional")
	v := newVisitor(t, s, testBase)
	wiki, err := client.Open(t.Context(), testBase+"/w/api.php", client.Options{HTTP: &http.Client{Transport: direct{s}}})
	if err != nil {
		t.Fatal(err)
	}
	creation, err := wiki.Begin(t.Context(), client.CreationOptions{})
	if err != nil {
		t.Fatal(err)
	}
	step, err := creation.Submit(t.Context(), client.Answers{"username": "Zane", "password": goodPassword})
	if err != nil || step.Status != client.UI {
		t.Fatalf("%s, %v", step.JSON, err)
	}
	var told struct{ Code string }
	for _, r := range step.Requests {
		if secret := r.Metadata["secret"]; secret != "" {
			v.control("GET", "totp?secret="+strings.ReplaceAll(secret, " ", "+"), "", &told)
		}
	}
	if step, err = creation.Submit(t.Context(), client.Answers{"code": told.Code}); err != nil || step.Status != client.Pass {
		t.Errorf("the code %q: %s, %v", told.Code, step.JSON, err)
	}
	for _, query := range []string{"totp", "totp?secret=", "totp?secret=!"} {
		if status := v.control("GET", query, "", nil); status != http.StatusBadRequest {
			t.Errorf("%s is answered with %d", query, status)
		}
	}
}

func TestThirdPartyCalls(t *testing.T) {
	plain := newVisitor(t, start(t, Options{}), testBase)
	for _, call := range [][2]string{{"POST", "openid"}, {"DELETE", "openid"}, {"GET", "captcha?id=1"}} {
		if status := plain.control(call[0], call[1], `{"subject": "x"}`, nil); status != http.StatusNotFound {
			t.Errorf("%v is answered with %d", call, status)
		}
	}
	if status := plain.control("GET", "captcha", "", nil); status != http.StatusBadRequest {
		t.Errorf("a captcha without an id: %d", status)
	}
	full := newVisitor(t, start(t, Options{Scenario: Full}), testBase)
	for _, body := range []string{``, `{}`, `{"name": "x"}`, `{"subject": 1}`} {
		if status := full.control("POST", "openid", body, nil); status != http.StatusBadRequest {
			t.Errorf("%s is answered with %d", body, status)
		}
	}
	if status := full.control("GET", "captcha?id=123", "", nil); status != http.StatusNotFound {
		t.Errorf("a captcha nobody was shown: %d", status)
	}
	if status, _, text := full.do("GET", "/_openid/.well-known/openid-configuration", nil, ""); status != 200 || !strings.Contains(text, testBase+"/_openid/authorize") {
		t.Errorf("%d %s", status, text)
	}
}

package gatehouse

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"gatehouse/internal/provider/openid/openidtest"
)

// TestOpenIDHostileAnswers rebuilds the sixteen checks of the basic client plan of the OpenID Foundation, and more of what a
// provider must not do. It covers rows 40 and 41 of the security checklist.
func TestOpenIDHostileAnswers(t *testing.T) {
	o := newOutside(t, nil, "plain", "secret")
	p := o.providers[1]
	issuer := o.cfg.OIDC[1].Issuer
	set := func(name string, value any) func(map[string]any) { return func(m map[string]any) { m[name] = value } }
	drop := func(name string) func(map[string]any) { return func(m map[string]any) { delete(m, name) } }
	const distrusted, unreachable = "gatehouse-openid-distrusted", "gatehouse-openid-unreachable"
	now := o.clock.now().Unix()
	for i, c := range []struct {
		about  string
		tamper openidtest.Tamper
		want   string // "" = PASS
	}{
		{"a plain sign-in, the client's secret in the header, RS256, scopes answered by UserInfo", openidtest.Tamper{}, ""},
		{"another nonce", openidtest.Tamper{Claims: set("nonce", "other")}, distrusted},
		{"no nonce", openidtest.Tamper{Claims: drop("nonce")}, distrusted},
		{"another audience", openidtest.Tamper{Claims: set("aud", "other")}, distrusted},
		{"no audience", openidtest.Tamper{Claims: drop("aud")}, distrusted},
		{"another issuer", openidtest.Tamper{Claims: set("iss", issuer+"/")}, distrusted},
		{"no subject", openidtest.Tamper{Claims: drop("sub")}, distrusted},
		{"no time of issue", openidtest.Tamper{Claims: drop("iat")}, distrusted},
		{"a signature that is not right", openidtest.Tamper{Sign: func(string) []byte { return make([]byte, 256) }}, distrusted},
		{"no algorithm", openidtest.Tamper{Header: set("alg", "none"), Sign: func(string) []byte { return nil }}, distrusted},
		{"the public key as a secret", openidtest.Tamper{Header: set("alg", "HS256"), Sign: func(input string) []byte {
			mac := hmac.New(sha256.New, x509.MarshalPKCS1PublicKey(p.PublicKey()))
			mac.Write([]byte(input))
			return mac.Sum(nil)
		}}, distrusted},
		{"an id of a key that there is not", openidtest.Tamper{Header: set("kid", "nosuch")}, distrusted},
		{"no id, one key", openidtest.Tamper{Header: drop("kid")}, ""},
		{"UserInfo of somebody else", openidtest.Tamper{UserInfo: set("sub", "mallory")}, distrusted},
		{"an ID token that has ended", openidtest.Tamper{Claims: set("exp", now-3600)}, distrusted},
		{"an ID token that ended within the skew of clocks", openidtest.Tamper{Claims: set("exp", now-60)}, ""},
		{"no end", openidtest.Tamper{Claims: drop("exp")}, distrusted},
		{"issued in the future", openidtest.Tamper{Claims: set("iat", now+3600)}, distrusted},
		{"issued long ago", openidtest.Tamper{Claims: set("iat", now-7200)}, distrusted},
		{"several audiences and no party", openidtest.Tamper{Claims: set("aud", []string{"client of secret", "other"})}, distrusted},
		{"another party", openidtest.Tamper{Claims: set("azp", "other")}, distrusted},
		{"several audiences, our party", openidtest.Tamper{Claims: func(m map[string]any) {
			m["aud"], m["azp"] = []string{"other", "client of secret"}, "client of secret"
		}}, ""},
		{"the hash of another access token", openidtest.Tamper{Claims: set("at_hash", "x")}, distrusted},
		{"a subject that is too long", openidtest.Tamper{Claims: set("sub", strings.Repeat("x", 256))}, distrusted},
		{"a reply of another issuer", openidtest.Tamper{Reply: func(r map[string]string) { r["iss"] = "https://other.example" }}, distrusted},
		{"a reply of nobody", openidtest.Tamper{Reply: func(r map[string]string) { delete(r, "iss") }}, distrusted},
		{"a reply without a code", openidtest.Tamper{Reply: func(r map[string]string) { delete(r, "code") }}, distrusted},
		{"a code that nobody gave", openidtest.Tamper{Reply: func(r map[string]string) { r["code"] = "made up" }}, distrusted},
		{"UserInfo out of order is no matter", openidtest.Tamper{Instead: failing("/userinfo", http.StatusBadGateway, "")}, ""},
		{"a token endpoint out of order", openidtest.Tamper{Instead: failing("/token", http.StatusServiceUnavailable, "")}, unreachable},
		{"a token endpoint that moved", openidtest.Tamper{Instead: moving("/token", o.cfg.OIDC[0].Issuer+"/token")}, unreachable},
		{"an endless answer", openidtest.Tamper{Instead: endless("/token")}, unreachable},
		{"an answer that is none", openidtest.Tamper{Instead: failing("/token", http.StatusOK, "<html>")}, unreachable},
	} {
		t.Run(c.about, func(t *testing.T) {
			o.t = t
			p.Tamper(c.tamper)
			defer p.Tamper(openidtest.Tamper{})
			who := url.Values{"subject": {fmt.Sprint("subject ", i)}}
			got := o.through(at(t, o.url), "createaccount", "secret", who, named(fmt.Sprint("Person ", i)))
			if code, _ := got["messagecode"].(string); code != c.want {
				t.Errorf("got %v\n%s", got, o.log.String())
			}
		})
	}
}

func failing(path string, status int, body string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != path {
			return false
		}
		w.WriteHeader(status)
		io.WriteString(w, body)
		return true
	}
}

func moving(path, to string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != path {
			return false
		}
		http.Redirect(w, r, to, http.StatusTemporaryRedirect)
		return true
	}
}

// endless sends a document of which no end can be seen, up to a size that no test should take in.
func endless(path string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != path {
			return false
		}
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"x":"`)
		block := bytes.Repeat([]byte("x"), 1<<16)
		for range 64 {
			if _, err := w.Write(block); err != nil {
				return true
			}
		}
		io.WriteString(w, `"}`)
		return true
	}
}

package openidtest

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

func (p *Provider) metadata(w http.ResponseWriter, _ *http.Request) {
	issuer := p.options.Issuer
	methods := []string{"client_secret_basic", "client_secret_post"}
	if p.options.ClientSecret == "" {
		methods = []string{"none"}
	}
	doc := map[string]any{
		"issuer": issuer, "authorization_endpoint": issuer + "/authorize", "token_endpoint": issuer + "/token",
		"jwks_uri": issuer + "/keys", "userinfo_endpoint": issuer + "/userinfo",
		"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"},
		"id_token_signing_alg_values_supported": []string{"RS256"}, "code_challenge_methods_supported": []string{"S256"},
		"scopes_supported": []string{"openid", "email", "profile"}, "token_endpoint_auth_methods_supported": methods,
		"authorization_response_iss_parameter_supported": true,
	}
	answer(w, http.StatusOK, doc, p.tampering().Metadata)
}

func (p *Provider) publishKeys(w http.ResponseWriter, _ *http.Request) {
	p.mu.Lock()
	keys := slices.Clone(p.keys)
	p.mu.Unlock()
	list := []any{}
	for _, k := range keys {
		list = append(list, map[string]any{
			"kty": "RSA", "use": "sig", "alg": "RS256", "kid": k.id,
			"n": encode(k.key.N.Bytes()), "e": encode(big.NewInt(int64(k.key.E)).Bytes()),
		})
	}
	answer(w, http.StatusOK, map[string]any{"keys": list}, p.tampering().Keys)
}

// askWho shows a form; who is signed in is whoever is typed there. Without a name in it, nobody is.
func (p *Provider) askWho(w http.ResponseWriter, r *http.Request) {
	if err := p.checkAuthorization(r.URL.Query()); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = form().Execute(w, r.URL.Query().Get("login_hint")) // an error means that the visitor went away
}

func form() *template.Template {
	return template.Must(template.New("form").Parse(`<!DOCTYPE html>
<html lang="en"><title>Who are you?</title><meta name="viewport" content="width=device-width">
<h1>Who are you?</h1>
<p>This provider is for tests: it believes whatever you write.</p>
<form method="post">
<p><label>Subject <input name="subject" value="{{.}}" required></label></p>
<p><label>Name <input name="preferred_username"></label></p>
<p><label>E-mail <input name="email"></label></p>
<p><label><input type="checkbox" name="email_verified" value="1"> The address is verified</label></p>
<p><button>Sign in</button> <button name="deny" value="1" formnovalidate>Refuse</button></p>
</form></html>
`))
}

func (p *Provider) checkAuthorization(q url.Values) error {
	switch {
	case q.Get("client_id") != p.options.ClientID:
		return fmt.Errorf("unknown client %q", q.Get("client_id"))
	case q.Get("response_type") != "code":
		return fmt.Errorf("response type %q", q.Get("response_type"))
	case !slices.Contains(strings.Fields(q.Get("scope")), "openid"):
		return fmt.Errorf("scope %q", q.Get("scope"))
	case q.Get("redirect_uri") == "" || q.Get("state") == "" || q.Get("nonce") == "":
		return fmt.Errorf("redirect_uri, state and nonce are needed")
	case q.Get("code_challenge") == "" || q.Get("code_challenge_method") != "S256":
		return fmt.Errorf("PKCE with S256 is needed")
	}
	return nil
}

func (p *Provider) signIn(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if err := p.checkAuthorization(q); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	reply := map[string]string{"state": q.Get("state"), "iss": p.options.Issuer}
	if user := userOf(r); r.PostFormValue("deny") != "" || user.Subject == "" {
		reply["error"] = "access_denied"
	} else if reply["code"], err = p.grant(user, q); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if change := p.tampering().Reply; change != nil {
		change(reply)
	}
	params := back.Query()
	for name, value := range reply {
		params.Set(name, value)
	}
	back.RawQuery = params.Encode()
	http.Redirect(w, r, back.String(), http.StatusSeeOther)
}

func userOf(r *http.Request) User {
	return User{
		Subject: r.PostFormValue("subject"), PreferredUsername: r.PostFormValue("preferred_username"), Name: r.PostFormValue("name"),
		Email: r.PostFormValue("email"), EmailVerified: r.PostFormValue("email_verified") != "",
	}
}

// codeLife is how long a code can be redeemed.
const codeLife = time.Minute

func (p *Provider) grant(user User, q url.Values) (string, error) {
	code, err := p.secret()
	if err != nil {
		return "", err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.grants[code] = grant{
		user: user, redirect: q.Get("redirect_uri"), nonce: q.Get("nonce"), challenge: q.Get("code_challenge"),
		expires: p.now().Add(codeLife),
	}
	return code, nil
}

func (p *Provider) secret() (string, error) {
	var b [24]byte
	if _, err := io.ReadFull(p.options.Random, b[:]); err != nil {
		return "", fmt.Errorf("make secret: %w", err)
	}
	return hex.EncodeToString(b[:]), nil
}

func (p *Provider) redeem(w http.ResponseWriter, r *http.Request) {
	if !p.authenticated(r) {
		w.Header().Set("WWW-Authenticate", `Basic realm="token"`)
		answer(w, http.StatusUnauthorized, map[string]any{"error": "invalid_client"}, nil)
		return
	}
	code := r.PostFormValue("code")
	p.mu.Lock()
	g, found := p.grants[code]
	delete(p.grants, code)
	p.mu.Unlock()
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if !found || !p.now().Before(g.expires) || r.PostFormValue("grant_type") != "authorization_code" ||
		r.PostFormValue("redirect_uri") != g.redirect || encode(sum[:]) != g.challenge {
		answer(w, http.StatusBadRequest, map[string]any{"error": "invalid_grant"}, nil)
		return
	}
	access, err := p.secret()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	p.mu.Lock()
	p.access[access] = g.user
	p.mu.Unlock()
	answer(w, http.StatusOK, map[string]any{
		"access_token": access, "token_type": "Bearer", "expires_in": 60, "id_token": p.idToken(g, access),
	}, nil)
}

// authenticated wants the client's secret in the header if it has one, and only its id if it has none.
func (p *Provider) authenticated(r *http.Request) bool {
	if p.options.ClientSecret == "" {
		return r.PostFormValue("client_id") == p.options.ClientID
	}
	id, secret, _ := r.BasicAuth()
	id, errID := url.QueryUnescape(id)
	secret, errSecret := url.QueryUnescape(secret)
	return errID == nil && errSecret == nil && id == p.options.ClientID &&
		subtle.ConstantTimeCompare([]byte(secret), []byte(p.options.ClientSecret)) == 1
}

func (p *Provider) idToken(g grant, access string) string {
	p.mu.Lock()
	key, t := p.keys[0], p.tamper
	p.mu.Unlock()
	sum := sha256.Sum256([]byte(access))
	now := p.now().Unix()
	claims := map[string]any{
		"iss": p.options.Issuer, "sub": g.user.Subject, "aud": p.options.ClientID, "iat": now, "exp": now + 300,
		"nonce": g.nonce, "at_hash": encode(sum[:16]),
	}
	header := map[string]any{"alg": "RS256", "typ": "JWT", "kid": key.id}
	if t.Claims != nil {
		t.Claims(claims)
	}
	if t.Header != nil {
		t.Header(header)
	}
	input := encodeJSON(header) + "." + encodeJSON(claims)
	if t.Sign != nil {
		return input + "." + encode(t.Sign(input))
	}
	return input + "." + encode(sign(key.key, input))
}

func sign(key *rsa.PrivateKey, input string) []byte {
	sum := sha256.Sum256([]byte(input))
	signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
	if err != nil {
		return nil // a token without a signature is refused
	}
	return signature
}

func (p *Provider) userInfo(w http.ResponseWriter, r *http.Request) {
	bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	p.mu.Lock()
	user, known := p.access[bearer]
	p.mu.Unlock()
	if !known {
		answer(w, http.StatusUnauthorized, map[string]any{"error": "invalid_token"}, nil)
		return
	}
	doc := map[string]any{"sub": user.Subject}
	for name, value := range map[string]string{"preferred_username": user.PreferredUsername, "name": user.Name, "email": user.Email} {
		if value != "" {
			doc[name] = value
		}
	}
	if user.Email != "" {
		doc["email_verified"] = user.EmailVerified
	}
	answer(w, http.StatusOK, doc, p.tampering().UserInfo)
}

func answer(w http.ResponseWriter, status int, doc map[string]any, change func(map[string]any)) {
	if change != nil {
		change(doc)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(doc) // an error means that the client went away
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func encodeJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return "" // maps of texts and numbers
	}
	return encode(b)
}

package gatehouse

import (
	"net/url"
	"strings"
	"testing"

	"gatehouse/auth"
	"gatehouse/internal/provider/passkey/passkeytest"
)

const passkeyOrigin = "http://localhost"

// optionsIn finds what a device is asked in a step, and which requests the step has.
func optionsIn(t *testing.T, answer map[string]any) (options string, ids []string) {
	t.Helper()
	requests, _ := answer["requests"].([]any)
	for _, r := range requests {
		r := r.(map[string]any)
		ids = append(ids, r["id"].(string))
		if f, ok := r["fields"].(map[string]any)["passkeyOptions"].(map[string]any); ok {
			options = f["value"].(string)
		}
	}
	if options == "" {
		t.Fatalf("no device is asked: %v", answer)
	}
	return options, ids
}

// press begins a creation or sign-in by the button of passkeys.
func (c *client) press(module, token, prefix string, more ...string) map[string]any {
	c.t.Helper()
	v := url.Values{"action": {module}, prefix + "token": {c.token(token)}, prefix + "returnurl": {"http://example.org/"}, "passkey": {"1"}}
	for i := 0; i < len(more); i += 2 {
		v.Set(more[i], more[i+1])
	}
	got, _ := c.call(true, v)[module].(map[string]any)
	return got
}

// TestPasskeyAlone makes an account with a passkey and nothing else, every step on another server, and signs in with it: nobody is
// asked for a second factor then (row 47 of the security checklist).
func TestPasskeyAlone(t *testing.T) {
	onBothStores(t, func(t *testing.T, cfg Config) {
		cfg.Server.PublicURL, cfg.Passkeys.AtCreation = passkeyOrigin, "optional"
		servers := serveTwice(t, cfg)
		c := at(t, servers[0])
		move := func(i int) { c.api = servers[i] + "/w/api.php" }
		device := passkeytest.New(t, passkeyOrigin)
		begun := c.press("createaccount", "createaccount", "create", "username", "Alice")
		options, _ := optionsIn(t, begun)
		if begun["messagecode"] != "gatehouse-passkey-create" {
			t.Errorf("the step: %v", begun)
		}
		move(1)
		again := c.step("createaccount", "createaccount", "passkeyResponse", "{}")
		if again["messagecode"] != "gatehouse-passkey-not-made" {
			t.Fatalf("nonsense: %v", again)
		}
		move(0)
		if old := c.step("createaccount", "createaccount", "passkeyResponse", device.Make(options)); old["status"] != "UI" {
			t.Fatalf("the challenge before: %v", old)
		} else {
			options, _ = optionsIn(t, old)
		}
		if got := c.step("createaccount", "createaccount", "passkeyResponse", device.Make(options)); got["status"] != "PASS" {
			t.Fatalf("the account: %v", got)
		}
		c = at(t, servers[1])
		options, _ = optionsIn(t, c.press("clientlogin", "login", "login"))
		move(0)
		if got := c.step("clientlogin", "login", "passkeyResponse", device.Prove(options)); got["status"] != "PASS" || got["username"] != "Alice" {
			t.Errorf("signing in: %v", got)
		}
	})
}

// TestPasskeyIsTwoFactors asks for no app where an account is made with a passkey alone, even where a second factor is required.
func TestPasskeyIsTwoFactors(t *testing.T) {
	for _, mode := range []string{"optional", "required"} {
		cfg := testConfig(t)
		cfg.Server.PublicURL, cfg.Passkeys.AtCreation, cfg.TOTP.AtCreation = passkeyOrigin, "optional", mode
		c := newClient(t, newServer(t, cfg).Handler())
		options, _ := optionsIn(t, c.press("createaccount", "createaccount", "create", "username", "Alice"))
		device := passkeytest.New(t, passkeyOrigin)
		if got := c.step("createaccount", "createaccount", "passkeyResponse", device.Make(options)); got["status"] != "PASS" {
			t.Errorf("%s: %v", mode, got)
		}
	}
}

// TestPasskeyOrCode asks an account with both kinds of factors for either in one step; a recovery code does as well, and a proof
// for one sign-in is none for another.
func TestPasskeyOrCode(t *testing.T) {
	cfg := testConfig(t)
	cfg.Server.PublicURL, cfg.TOTP.AtCreation = passkeyOrigin, "optional"
	s := newServer(t, cfg)
	c := newClient(t, s.Handler())
	setup := setupOf(t, c.create("Alice", "Corr3ct-horse"))
	secret := setup["secret"].(string)
	recovery, _, _ := strings.Cut(setup["recoverycodes"].(string), " ")
	c.step("createaccount", "createaccount", "code", appCode(t, secret, 0))
	device := passkeytest.New(t, passkeyOrigin)
	owner, err := s.store.AccountByName(t.Context(), "Alice")
	if err != nil {
		t.Fatal(err)
	}
	who := auth.Client{Creator: auth.Creator{Account: owner}, SessionID: "s"}
	offer, err := s.edge.passkeys.OfferPasskey(t.Context(), who)
	if err != nil {
		t.Fatal(err)
	}
	codes, check, err := s.edge.passkeys.AddPasskey(t.Context(), who, auth.NewPasskey{
		Ticket: offer.Ticket, Answer: device.Make(*offer.Request.Fields[0].Value),
	})
	if err != nil || !check.OK() || len(codes) > 0 {
		t.Fatalf("the passkey: %v, %v, %v", codes, check, err)
	}
	wait := func() (*client, string) {
		c := newClient(t, s.Handler())
		got := c.call(true, url.Values{
			"action": {"clientlogin"}, "logintoken": {c.token("login")}, "loginreturnurl": {"http://example.org/"},
			"username": {"Alice"}, "password": {"Corr3ct-horse"},
		})["clientlogin"].(map[string]any)
		options, ids := optionsIn(t, got)
		if len(ids) != 2 || ids[1] != "PasskeyAuthenticationRequest" || got["messagecode"] != "oathauth-auth-ui" {
			t.Fatalf("the step: %v", got)
		}
		return c, options
	}
	_, other := wait()
	c, options := wait()
	if got := c.step("clientlogin", "login", "passkeyResponse", device.Prove(other)); got["messagecode"] != "gatehouse-passkey-failed" {
		t.Errorf("a proof for another sign-in: %v", got)
	} else {
		options, _ = optionsIn(t, got)
	}
	if got := c.step("clientlogin", "login", "passkeyResponse", device.Prove(options)); got["status"] != "PASS" {
		t.Errorf("a proof: %v", got)
	}
	for about, code := range map[string]string{"the app": appCode(t, secret, 1), "a recovery code": recovery} {
		c, _ := wait()
		if got := c.step("clientlogin", "login", "OATHToken", code); got["status"] != "PASS" {
			t.Errorf("%s: %v", about, got)
		}
	}
}

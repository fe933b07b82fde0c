package auth

import (
	"context"
	"fmt"
	"testing"

	"gatehouse/internal/message"
)

func signIn(t *testing.T, m *Manager, c Client, b Begin) Response {
	t.Helper()
	r, err := m.BeginLogin(context.Background(), c, b)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestLogin(t *testing.T) {
	norm := Account{ID: 3, Name: "Norm"}
	right := func(l *Login) (Response, error) {
		if l.Answers.username() != "Norm" {
			return Failed(message.New("wrongpassword")), nil
		}
		return Response{Status: Pass, Account: norm}, nil
	}
	m := newTestManager(t, newFakeStore(), func(c *Config) {
		c.Primary = []PrimaryProvider{&scripted{id: "shy"}, &scripted{id: "p", login: right}}
	})
	b := named("Norm")
	b.Answers = append(b.Answers, Answer{Values: map[string]string{FieldRememberMe: "1"}})
	r := signIn(t, m, visitor("v"), b)
	if r.Status != Pass || r.Username != "Norm" || r.Account.ID != 3 || !r.Remember {
		t.Errorf("got %+v", r)
	}
	if r := signIn(t, m, visitor("v"), named("Other")); key(r) != "wrongpassword" {
		t.Errorf("got %+v", r)
	}
}

func TestLoginWithoutAnyProvider(t *testing.T) {
	m := newTestManager(t, newFakeStore(), func(c *Config) { c.Primary = []PrimaryProvider{&scripted{id: "p"}} })
	if r := signIn(t, m, visitor("v"), named("Norm")); key(r) != "authmanager-authn-no-primary" {
		t.Errorf("got %+v", r)
	}
}

// TestNothingIsWrittenOnAReadOnlySite begins flows while the site is open and goes on with them when it is not.
func TestNothingIsWrittenOnAReadOnlySite(t *testing.T) {
	s := newFakeStore()
	ask := func() (Response, error) { return Asked(message.New("more"), Request{ID: "more"}), nil }
	set := func(readOnly string) func(*Config) {
		return func(c *Config) {
			c.Primary = []PrimaryProvider{&scripted{
				id: "p", begin: func(*Creation) (Response, error) { return ask() }, login: func(*Login) (Response, error) { return ask() },
			}}
			c.ReadOnly = readOnly
		}
	}
	open, locked := newTestManager(t, s, set("")), newTestManager(t, s, set("moving house"))
	creating, signing := visitor("creates"), visitor("signs in")
	begin(t, open, creating, named("Zane"))
	signIn(t, open, signing, named("Norm"))
	before := fmt.Sprint(*s.flows["creates"], *s.flows["signs in"])
	for name, submit := range map[string]func() (Response, error){
		"create":          func() (Response, error) { return locked.BeginCreation(t.Context(), creating, named("Zane")) },
		"create-continue": func() (Response, error) { return locked.ContinueCreation(t.Context(), creating, nil) },
		"login":           func() (Response, error) { return locked.BeginLogin(t.Context(), signing, named("Norm")) },
		"login-continue":  func() (Response, error) { return locked.ContinueLogin(t.Context(), signing, nil) },
	} {
		if r, err := submit(); err != nil || key(r) != "readonlytext" {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
	if len(s.flows) != 2 || s.flowPuts != 2 {
		t.Fatalf("%d flows are left, %d times one was put", len(s.flows), s.flowPuts)
	}
	if after := fmt.Sprint(*s.flows["creates"], *s.flows["signs in"]); after != before {
		t.Errorf("the flows were %s and are %s", before, after)
	}
}

func TestLoginInTwoSteps(t *testing.T) {
	s := newFakeStore()
	s.accounts["Norm"] = Account{ID: 1, Name: "Norm"}
	tries := 0
	second := &scripted{id: "totp"}
	second.login = func(*Login) (Response, error) { return Asked(message.New("code"), Request{ID: "totp"}), nil }
	second.goOnLogin = func(l *Login) (Response, error) {
		if tries++; tries == 1 {
			return Asked(message.New("wrong code"), Request{ID: "totp"}), nil
		}
		if l.Account.Name != "Norm" {
			t.Errorf("the second step is for %q", l.Account.Name)
		}
		return Passed(), nil
	}
	m := newTestManager(t, s, func(c *Config) {
		c.Primary = []PrimaryProvider{&scripted{id: "p", login: func(*Login) (Response, error) {
			return Response{Status: Pass, Account: s.accounts["Norm"]}, nil
		}}}
		c.Secondary = []SecondaryProvider{second}
	})
	c := visitor("v")
	if r := signIn(t, m, c, named("Norm")); r.Status != UI {
		t.Fatalf("got %+v", r)
	}
	planted := c
	planted.Session = &fakeSession{id: "v", secret: []byte("planted")}
	for i, want := range []Status{UI, Pass, Fail} {
		r, err := m.ContinueLogin(context.Background(), c, nil)
		if err != nil || r.Status != want {
			t.Fatalf("submission %d: %+v, %v; want %s", i+2, r, err, want)
		}
	}
	if asked, err := m.Requests(context.Background(), ActionLoginContinue, c); err != nil || asked != nil {
		t.Errorf("the ended flow waits for %+v, %v", asked, err)
	}
}

// A creation's state cannot be continued as a sign-in, nor the other way round.
func TestFlowsOfOneKindOnly(t *testing.T) {
	p := &scripted{id: "p", begin: always(Asked(message.New("more"), Request{ID: "more"}))}
	m := newTestManager(t, newFakeStore(), func(c *Config) { c.Primary = []PrimaryProvider{p} })
	c := visitor("v")
	begin(t, m, c, named("Zane"))
	r, err := m.ContinueLogin(context.Background(), c, nil)
	if err != nil || key(r) != "authmanager-authn-not-in-progress" {
		t.Errorf("got %+v, %v", r, err)
	}
}

func TestWiringFaults(t *testing.T) {
	s := newFakeStore()
	whole := Config{Accounts: s, Flows: s, Sealer: fakeSealer{}, Names: fakeNames{}, Primary: []PrimaryProvider{&scripted{id: "p"}}}
	if _, err := NewManager(whole); err != nil {
		t.Fatal(err)
	}
	twice := whole
	twice.Pre = []PreProvider{&scripted{id: "p"}}
	storeless := whole
	storeless.Accounts = nil
	alone := whole
	alone.Primary = nil
	for name, cfg := range map[string]Config{"two of one id": twice, "no store": storeless, "no primary": alone} {
		if _, err := NewManager(cfg); err == nil {
			t.Errorf("%s: no fault", name)
		}
	}
}

func TestRightsOfGroups(t *testing.T) {
	p := DefaultGroups()
	p["nocreators"] = Group{Revoke: []Right{RightCreateAccount}}
	for _, tt := range []struct {
		who   Account
		right Right
		want  bool
	}{
		{Account{}, RightCreateAccount, true},
		{Account{ID: 1}, RightCreateAccount, true},
		{Account{ID: 1, Groups: []string{"nocreators"}}, RightCreateAccount, false},
		{Account{ID: 1, Groups: []string{"nocreators", GroupSysop}}, RightCreateAccount, false},
		{Account{ID: 1}, RightNoRateLimit, false},
		{Account{ID: 1, Groups: []string{GroupSysop}}, RightNoRateLimit, true},
		{Account{Groups: []string{GroupSysop}}, RightNoRateLimit, false}, // nobody is in no group
	} {
		if got := p.Allows(tt.who, tt.right); got != tt.want {
			t.Errorf("%+v %s: %v", tt.who, tt.right, got)
		}
	}
}

// FuzzState feeds the decoder what a broken or hostile row could hold.
func FuzzState(f *testing.F) {
	good, err := encodeState(flowState{Kind: flowCreate, Subject: Subject{Name: "Zane"}, Pending: []Request{{ID: "x"}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"v":2,"kind":"create"}`))
	f.Add([]byte(`{`))
	f.Fuzz(func(t *testing.T, plain []byte) {
		s, err := decodeState(plain, flowCreate)
		if err == nil && (s.Version != stateVersion || s.Kind != flowCreate) {
			t.Errorf("accepted version %d kind %q", s.Version, s.Kind)
		}
	})
}

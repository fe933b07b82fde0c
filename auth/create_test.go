package auth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/internal/message"
)

// passing is a primary provider that makes a credential.
func passing() *scripted {
	return &scripted{
		id: "password", begin: always(Passed()),
		contribute: func(_ *Creation, d *Draft) {
			d.Credentials = append(d.Credentials, Credential{Kind: CredentialPassword, Value: ":hash:"})
		},
	}
}

func begin(t *testing.T, m *Manager, c Client, b Begin) Response {
	t.Helper()
	r, err := m.BeginCreation(context.Background(), c, b)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func goOn(t *testing.T, m *Manager, c Client, as Answers) Response {
	t.Helper()
	r, err := m.ContinueCreation(context.Background(), c, as)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

type describer struct{ check Check }

func (describer) ID() ProviderID { return "subject" }
func (describer) Requests(context.Context, Options) ([]Request, error) {
	return []Request{{ID: "reason", Fields: []Field{{Name: "reason", Type: FieldString}}}}, nil
}
func (d describer) Describe(c *Creation) Check {
	c.Subject.Email, c.Subject.Reason = "a@b", "for a friend"
	return d.check
}

func TestCommitIsWhole(t *testing.T) {
	s := newFakeStore()
	m := newTestManager(t, s, func(c *Config) {
		c.Primary = []PrimaryProvider{passing()}
		c.Subject = []SubjectProvider{describer{}}
	})
	r := begin(t, m, visitor("v"), named("Zane"))
	if r.Status != Pass || r.Username != "Zane" || r.Account.ID == 0 {
		t.Fatalf("got %+v", r)
	}
	d := s.drafts[0]
	if d.Account.Email != "a@b" || d.Account.Language != "en" || len(d.Credentials) != 1 || len(d.Nonce) != 32 {
		t.Errorf("draft %+v", d)
	}
	if d.Log.Action != LogCreate || d.Log.Performer != "Zane" || d.Log.PerformerID != 0 || d.Log.Comment != "for a friend" {
		t.Errorf("log %+v", d.Log)
	}
	if s.flowPuts != 0 {
		t.Error("a flow of one submission was stored")
	}
}

func TestCreatedBySomebody(t *testing.T) {
	s := newFakeStore()
	m := newTestManager(t, s, func(c *Config) { c.Primary = []PrimaryProvider{passing()} })
	c := visitor("v")
	c.Creator.Account = Account{ID: 7, Name: "Norm"}
	if r := begin(t, m, c, named("Zane")); r.Status != Pass {
		t.Fatalf("got %+v", r)
	}
	if d := s.drafts[0]; d.Log.Action != LogCreate2 || d.Log.Performer != "Norm" || d.Log.PerformerID != 7 || d.Account.Language != "" {
		t.Errorf("draft %+v", d)
	}
}

// The order of the checks decides which refusal a client sees: each row breaks one thing and everything behind it.
func TestOrderOfRefusals(t *testing.T) {
	steps := []struct {
		want   string
		breaks func(*Config, *fakeStore, *Begin)
	}{
		{"noname", func(_ *Config, _ *fakeStore, b *Begin) { b.Answers = nil }},
		{"readonlytext", func(c *Config, _ *fakeStore, _ *Begin) { c.ReadOnly = "moving house" }},
		{"badaccess-groups", func(c *Config, _ *fakeStore, _ *Begin) {
			everybody := c.Groups[GroupEverybody]
			everybody.Grant = []Right{RightRead}
			c.Groups[GroupEverybody] = everybody
		}},
		{"blockedtext", func(_ *Config, s *fakeStore, _ *Begin) {
			s.blocks = []Block{{ID: 1, PreventCreate: true, Range: netip.MustParsePrefix("192.0.2.0/24")}}
		}},
		{"userexists", func(_ *Config, s *fakeStore, _ *Begin) { s.accounts["Za:ne"] = Account{ID: 1, Name: "Za:ne"} }},
		{"noname", func(_ *Config, _ *fakeStore, b *Begin) { *b = named("Za:ne") }},
		{"invalidemailaddress", func(c *Config, _ *fakeStore, _ *Begin) {
			c.Subject = []SubjectProvider{describer{Refused(message.New("invalidemailaddress"))}}
		}},
		{"pre", func(c *Config, _ *fakeStore, _ *Begin) {
			c.Pre = []PreProvider{&scripted{id: "pre", test: func(*Creation) Check { return Refused(message.New("pre")) }}}
		}},
		{"badretype", func(c *Config, _ *fakeStore, _ *Begin) {
			c.Primary = []PrimaryProvider{&scripted{id: "p", test: func(*Creation) Check { return Refused(message.New("badretype")) }}}
		}},
		{"authmanager-create-no-primary", func(c *Config, _ *fakeStore, _ *Begin) {
			if len(c.Primary) == 0 {
				c.Primary = []PrimaryProvider{&scripted{id: "p"}}
			}
		}},
	}
	for i, step := range steps {
		t.Run(fmt.Sprintf("%d %s", i, step.want), func(t *testing.T) {
			s, b := newFakeStore(), named("Za:ne")
			if i > 5 {
				b = named("Zane")
			}
			m := newTestManager(t, s, func(c *Config) {
				for j := len(steps) - 1; j >= i; j-- {
					steps[j].breaks(c, s, &b)
				}
				if i == 0 {
					b.Answers = nil
				}
			})
			if i == 5 {
				delete(s.accounts, "Za:ne")
			}
			if r := begin(t, m, visitor("v"), b); key(r) != step.want {
				t.Errorf("refused with %q, want %q", key(r), step.want)
			}
			if len(s.drafts) != 0 {
				t.Error("a refused creation was committed")
			}
		})
	}
}

func TestBlocks(t *testing.T) {
	address := Block{ID: 3, By: "Admin", Reason: "spam", PreventCreate: true, Range: netip.MustParsePrefix("192.0.2.1/32"), Created: time.Unix(0, 0)}
	account := Block{ID: 4, By: "Admin", Account: 7, AccountName: "Norm", PreventCreate: true}
	lenient := address
	lenient.PreventCreate = false
	auto := address
	auto.Auto = true
	norm := Account{ID: 7, Name: "Norm"}
	admin := Account{ID: 8, Name: "Admin", Groups: []string{GroupSysop}}
	for _, tt := range []struct {
		name   string
		who    Account
		blocks []Block
		want   string
	}{
		{"address, anonymous", Account{}, []Block{address}, "blockedtext"},
		{"address, registered", norm, []Block{address}, "blockedtext"},
		{"address, exempt", admin, []Block{address}, ""},
		{"account, though exempt from address blocks", admin, []Block{account}, "blockedtext"},
		{"address without the flag", Account{}, []Block{lenient}, ""},
		{"autoblock", Account{}, []Block{auto}, "autoblockedtext"},
		{"two", norm, []Block{account, address}, "blockedtext-composite"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newFakeStore()
			s.blocks = tt.blocks
			m := newTestManager(t, s, func(c *Config) { c.Primary = []PrimaryProvider{passing()} })
			c := visitor("v")
			c.Creator.Account = tt.who
			r := begin(t, m, c, named("Zane"))
			if key(r) != tt.want {
				t.Fatalf("got %q, want %q", key(r), tt.want)
			}
			if tt.want == "" {
				return
			}
			params := r.Messages[0].Params
			if len(params) != 8 {
				t.Fatalf("%d parameters, want 8", len(params))
			}
			why := params[1].Text
			if params[1].Message != nil {
				why = string(params[1].Message.Key)
			}
			if want := cmp.Or(tt.blocks[0].Reason, "blockednoreason"); why != want {
				t.Errorf("the reason is %q, want %q", why, want)
			}
		})
	}
}

func TestSpanOfSeveralBlocks(t *testing.T) {
	at := func(h int) time.Time { return time.Unix(int64(h)*3600, 0) }
	a, b := Block{Created: at(2), Expires: at(10)}, Block{Created: at(1), Expires: at(5)}
	if got := lastEnd([]Block{b, a}); !got.Equal(at(10)) {
		t.Errorf("they end at %v", got)
	}
	if got := lastEnd([]Block{a, {Created: at(1)}}); !got.IsZero() {
		t.Errorf("an endless one ends at %v", got)
	}
	if got := firstStart([]Block{a, b}); !got.Equal(at(1)) {
		t.Errorf("they start at %v", got)
	}
}

func TestLateRefusals(t *testing.T) {
	full := &LimitError{Counter: Counter{Limit: 6, Refusal: "acct_creation_throttle_hit"}, Wait: 90 * time.Second}
	for _, tt := range []struct {
		err  error
		want string
	}{{ErrNameTaken, "userexists"}, {full, "acct_creation_throttle_hit"}} {
		s := newFakeStore()
		s.failNext = fmt.Errorf("commit: %w", tt.err)
		p := passing()
		m := newTestManager(t, s, func(c *Config) { c.Primary = []PrimaryProvider{p} })
		if r := begin(t, m, visitor("v"), named("Zane")); key(r) != tt.want {
			t.Errorf("got %q, want %q", key(r), tt.want)
		}
		if len(p.told) != 1 || p.told[0] != Fail {
			t.Errorf("providers were told %v", p.told)
		}
	}
	if m := full.Refusal(); m.Params[0].Number != 6 || m.Params[1].Number != 90 {
		t.Errorf("told %+v", m.Params)
	}
}

func TestFaultEndsTheFlow(t *testing.T) {
	s := newFakeStore()
	ask := Asked(message.New("more"), Request{ID: "more"})
	p := &scripted{id: "p", begin: always(ask), goOn: func(*Creation) (Response, error) { return Response{}, errBroken }}
	m := newTestManager(t, s, func(c *Config) { c.Primary = []PrimaryProvider{p} })
	c := visitor("v")
	begin(t, m, c, named("Zane"))
	if _, err := m.ContinueCreation(context.Background(), c, nil); !errors.Is(err, errBroken) {
		t.Fatalf("got %v", err)
	}
	if r := goOn(t, m, c, nil); key(r) != "authmanager-create-not-in-progress" {
		t.Errorf("went on after a fault: %+v", r)
	}
}

func TestCrashAfterClaimEndsTheFlow(t *testing.T) {
	s := newFakeStore()
	p := &scripted{id: "p", begin: always(Asked(message.New("more"), Request{ID: "more"})), goOn: always(Passed())}
	m := newTestManager(t, s, func(c *Config) { c.Primary = []PrimaryProvider{p} })
	c := visitor("v")
	begin(t, m, c, named("Zane"))
	if _, err := s.ClaimFlow(context.Background(), c.Session.FlowID()); err != nil { // what a crashed instance leaves
		t.Fatal(err)
	}
	if r := goOn(t, m, c, nil); key(r) != "authmanager-create-not-in-progress" {
		t.Errorf("got %+v", r)
	}
}

func TestOnlyOneContinuationRuns(t *testing.T) {
	s := newFakeStore()
	p := &scripted{id: "p", begin: always(Asked(message.New("more"), Request{ID: "more"})), goOn: always(Passed())}
	m := newTestManager(t, s, func(c *Config) { c.Primary = []PrimaryProvider{p} })
	c := visitor("v")
	begin(t, m, c, named("Zane"))
	secret := c.Session.FlowSecret()
	var passed sync.Map
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			same := c
			same.Session = &fakeSession{id: "v", secret: secret}
			if r, err := m.ContinueCreation(context.Background(), same, nil); err == nil && r.Status == Pass {
				passed.Store(i, true)
			}
		})
	}
	wg.Wait()
	n := 0
	passed.Range(func(any, any) bool { n++; return true })
	if n != 1 || len(s.accounts) != 1 {
		t.Errorf("%d continuations passed, %d accounts", n, len(s.accounts))
	}
}

func TestTriesAreLimited(t *testing.T) {
	ask := Asked(message.New("more"), Request{ID: "more"})
	p := &scripted{id: "p", begin: always(ask), goOn: always(ask)}
	s := newFakeStore()
	m := newTestManager(t, s, func(c *Config) { c.Primary = []PrimaryProvider{p} })
	c := visitor("v")
	begin(t, m, c, named("Zane"))
	for i := range MaxFlowTries {
		if r := goOn(t, m, c, nil); r.Status != UI {
			t.Fatalf("try %d: %+v", i+1, r)
		}
	}
	if r := goOn(t, m, c, nil); key(r) != "authmanager-create-not-in-progress" {
		t.Errorf("try %d: %+v", MaxFlowTries+1, r)
	}
}

func TestOpenFlowsOfANetworkAreLimited(t *testing.T) {
	p := &scripted{id: "p", begin: always(Asked(message.New("more"), Request{ID: "more"}))}
	m := newTestManager(t, newFakeStore(), func(c *Config) { c.Primary = []PrimaryProvider{p} })
	for i := range MaxFlowsPerNetwork {
		if r := begin(t, m, visitor(fmt.Sprint(i)), named("Zane")); r.Status != UI {
			t.Fatalf("flow %d: %+v", i+1, r)
		}
	}
	if r := begin(t, m, visitor("one more"), named("Zane")); key(r) != "actionthrottledtext" {
		t.Errorf("got %+v", r)
	}
	elsewhere := visitor("elsewhere")
	elsewhere.Creator.Addr = netip.MustParseAddr("198.51.100.1")
	if r := begin(t, m, elsewhere, named("Zane")); r.Status != UI {
		t.Errorf("another network: %+v", r)
	}
}

func TestOlderFlow(t *testing.T) {
	ask := Asked(message.New("more"), Request{ID: "more"})
	newManager := func(s *fakeStore) *Manager {
		p := &scripted{id: "p", goOn: always(Passed())}
		p.begin = func(c *Creation) (Response, error) {
			if c.Subject.Name == "Bad" {
				return Failed(message.New("no")), nil
			}
			return ask, nil
		}
		return newTestManager(t, s, func(c *Config) { c.Primary = []PrimaryProvider{p} })
	}
	t.Run("survives a begin that fails early", func(t *testing.T) {
		m, c := newManager(newFakeStore()), visitor("v")
		begin(t, m, c, named("Zane"))
		if r := begin(t, m, c, named("lower")); r.Status != Fail {
			t.Fatalf("got %+v", r)
		}
		if r := goOn(t, m, c, nil); r.Status != Pass {
			t.Errorf("got %+v", r)
		}
	})
	t.Run("is forgotten by a begin that goes further", func(t *testing.T) {
		m, c := newManager(newFakeStore()), visitor("v")
		begin(t, m, c, named("Zane"))
		if r := begin(t, m, c, named("Bad")); r.Status != Fail {
			t.Fatalf("got %+v", r)
		}
		if r := goOn(t, m, c, nil); key(r) != "authmanager-create-not-in-progress" {
			t.Errorf("got %+v", r)
		}
	})
	t.Run("ends when somebody signs in", func(t *testing.T) {
		m, c := newManager(newFakeStore()), visitor("v")
		begin(t, m, c, named("Zane"))
		c.Creator.Account = Account{ID: 9, Name: "Norm"}
		if r := goOn(t, m, c, nil); key(r) != "authmanager-create-not-in-progress" {
			t.Errorf("got %+v", r)
		}
	})
}

func TestNameTakenWhileWaiting(t *testing.T) {
	s := newFakeStore()
	p := &scripted{id: "p", begin: always(Asked(message.New("more"), Request{ID: "more"})), goOn: always(Passed())}
	m := newTestManager(t, s, func(c *Config) { c.Primary = []PrimaryProvider{p} })
	c := visitor("v")
	begin(t, m, c, named("Zane"))
	s.accounts["Zane"] = Account{ID: 1, Name: "Zane"}
	if r := goOn(t, m, c, nil); key(r) != "userexists" {
		t.Errorf("got %+v", r)
	}
}

func TestStoredStateHoldsNoPassword(t *testing.T) {
	secret := Field{Name: "password", Type: FieldPassword, Sensitive: true}
	p := &scripted{id: "p", begin: always(Passed()), requests: []Request{{ID: "p", Fields: []Field{{Name: "username", Type: FieldString}, secret}}}}
	s := newFakeStore()
	m := newTestManager(t, s, func(c *Config) {
		c.Primary = []PrimaryProvider{p}
		c.Secondary = []SecondaryProvider{&scripted{id: "step", beforeCommit: true, begin: always(Asked(message.New("more"), Request{ID: "more"}))}}
	})
	c := visitor("v")
	offered, err := m.Requests(context.Background(), ActionCreate, c)
	if err != nil {
		t.Fatal(err)
	}
	as := Load(offered, texts("username", "Zane", "password", "Corr3ct-horse"))
	if r := begin(t, m, c, Begin{Answers: as}); r.Status != UI {
		t.Fatalf("got %+v", r)
	}
	for _, f := range s.flows {
		if strings.Contains(string(f.Sealed), "Corr3ct-horse") {
			t.Error("the password is in the stored state")
		}
	}
	asked, err := m.Requests(context.Background(), ActionCreateContinue, c)
	if err != nil || len(asked) != 1 || asked[0].ID != "more" {
		t.Errorf("the flow waits for %+v, %v", asked, err)
	}
}

func TestPendingIsWhatWasAsked(t *testing.T) {
	asked := Asked(message.New("more"), Request{ID: "more"})
	sent := Redirected("https://openid.example/", Request{ID: "back"})
	for _, want := range []Response{asked, sent} {
		s := newFakeStore()
		m := newTestManager(t, s, func(c *Config) {
			c.Primary = []PrimaryProvider{&scripted{id: "p", begin: always(want)}}
		})
		c := visitor("v")
		if got, err := m.Pending(t.Context(), ActionCreateContinue, c); err != nil || got.Status != "" {
			t.Errorf("before a flow: %+v, %v", got, err)
		}
		begin(t, m, c, named("Zane"))
		got, err := m.Pending(t.Context(), ActionCreateContinue, c)
		if err != nil || got.Status != want.Status || got.RedirectTarget != want.RedirectTarget || key(got) != key(want) ||
			len(got.Requests) != 1 || got.Requests[0].ID != want.Requests[0].ID {
			t.Errorf("got %+v, %v, want %+v", got, err, want)
		}
		if got, err := m.Pending(t.Context(), ActionLoginContinue, c); err != nil || got.Status != "" {
			t.Errorf("as a sign-in: %+v, %v", got, err)
		}
	}
}

// What describes the account is kept once, cut as its provider cuts it, and never as it was sent.
func TestStoredStateIsSmall(t *testing.T) {
	s := newFakeStore()
	m := newTestManager(t, s, func(c *Config) {
		c.Primary = []PrimaryProvider{&scripted{id: "p", begin: always(Asked(message.New("more"), Request{ID: "more"}))}}
		c.Subject = []SubjectProvider{describer{}}
	})
	b := named("Zane")
	b.Answers = append(b.Answers, Answer{ID: "reason", Values: map[string]string{"reason": strings.Repeat("because ", 2000)}})
	if r := begin(t, m, visitor("v"), b); r.Status != UI {
		t.Fatalf("got %+v", r)
	}
	for _, f := range s.flows {
		if len(f.Sealed) > MaxFlowState/8 {
			t.Errorf("the state has %d bytes", len(f.Sealed))
		}
	}
}

// A place in the hash queue is taken before the name is looked up and given back whatever happens.
func TestReservation(t *testing.T) {
	p := &reserving{scripted: scripted{id: "p", begin: always(Passed())}}
	m := newTestManager(t, newFakeStore(), func(c *Config) { c.Primary = []PrimaryProvider{p} })
	for _, name := range []string{"Zane", "Zane", "lower"} {
		begin(t, m, visitor("v"), named(name))
	}
	if p.taken != 3 || p.released != 3 {
		t.Errorf("%d places taken, %d given back", p.taken, p.released)
	}
	p.full = true
	var overload *OverloadError
	if _, err := m.BeginCreation(context.Background(), visitor("v"), named("lower")); !errors.As(err, &overload) {
		t.Errorf("got %v, want an overload before the name is judged", err)
	}
}

type reserving struct {
	scripted
	taken, released int
	full            bool
}

func (p *reserving) ReserveForCreation(context.Context, *Creation) (Reservation, error) {
	if p.full {
		return nil, &OverloadError{RetryAfter: time.Second}
	}
	p.taken++
	return place{p}, nil
}

type place struct{ p *reserving }

func (r place) Release() { r.p.released++ }

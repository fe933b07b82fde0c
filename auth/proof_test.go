package auth

import (
	"context"
	"errors"
	"testing"
	"time"

	"gatehouse/internal/message"
)

// vouching is a primary provider that proves an identity when its button is pressed, and makes accounts with it.
func vouching(proves *bool) *scripted {
	p := &scripted{id: "voucher"}
	identity := Identity{Issuer: "https://o.example", Subject: "s"}
	p.login = func(l *Login) (Response, error) {
		if !*proves {
			return Abstained(), nil
		}
		return Response{Status: Restart, Messages: []Message{message.New("unknown")}}, l.Prove(Proof{Provider: "voucher", Identity: identity, Username: "Ann"})
	}
	p.begin = func(c *Creation) (Response, error) {
		proof, found, err := c.Proof()
		if err != nil || !found || proof.Identity != identity {
			return Abstained(), err
		}
		return Passed(), nil
	}
	p.contribute = func(c *Creation, d *Draft) { d.Identities = []Identity{identity} }
	return p
}

func preserve(name string) Begin {
	b := named(name)
	if name == "" {
		b.Answers = nil
	}
	b.Preserve = true
	return b
}

func begun(t *testing.T, m *Manager, c Client, b Begin) Response {
	t.Helper()
	r, err := m.BeginCreation(context.Background(), c, b)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestProofOutlivesFailures(t *testing.T) {
	s, now, proves := newFakeStore(), time.Unix(1_800_000_000, 0), true
	m := newTestManager(t, s, func(c *Config) {
		c.Primary = []PrimaryProvider{vouching(&proves)}
		c.Clock = func() time.Time { return now }
	})
	kept := func(c Client) Preserved {
		t.Helper()
		p, err := m.Preserved(context.Background(), c)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	v := visitor("v")
	if got := kept(v); got.Any {
		t.Errorf("from nothing: %+v", got)
	}
	if r := signIn(t, m, v, named("x")); r.Status != Restart || !r.CanPreserve {
		t.Fatalf("got %+v", r)
	}
	if got := kept(v); !got.Any || !got.Primary || got.Username != "Ann" {
		t.Errorf("kept: %+v", got)
	}
	if got := kept(visitor("w")); got.Any {
		t.Errorf("another client: %+v", got)
	}
	thief := visitor("v")
	thief.Session.(*fakeSession).secret = []byte("guessed")
	if got := kept(thief); got.Any {
		t.Errorf("another secret: %+v", got)
	}
	if r := begun(t, m, v, preserve("lower")); key(r) != "noname" || !r.CanPreserve {
		t.Errorf("no name: %+v", r)
	}
	if r := begun(t, m, v, named("Ben")); key(r) != "authmanager-create-no-primary" || r.CanPreserve {
		t.Errorf("without asking for it: %+v", r)
	}

	// Whoever asks for nothing gives it up, as with any new beginning.
	if got := kept(v); got.Any {
		t.Errorf("after another creation: %+v", got)
	}
	signIn(t, m, v, named("x"))
	if r := begun(t, m, v, preserve("")); r.Status != Pass || r.Username != "Ann" || len(s.drafts[0].Identities) != 1 {
		t.Errorf("without a name: %+v", r)
	}
	if got := kept(v); got.Any || len(s.flows) != 0 {
		t.Errorf("after it was used: %+v, %d flows", got, len(s.flows))
	}

	signIn(t, m, v, named("x"))
	if got := kept(v); got.Username != "Ann 2" {
		t.Errorf("the name is taken: %+v", got)
	}
	s.failNext = ErrIdentityTaken
	if r := begun(t, m, v, preserve("Cid")); key(r) != string(KeyIdentityTaken) || r.CanPreserve {
		t.Errorf("the identity is taken: %+v", r)
	}
	if got := kept(v); got.Any {
		t.Errorf("what is of no use: %+v", got)
	}

	signIn(t, m, v, named("x"))
	now = now.Add(ProofLifetime)
	if r := begun(t, m, v, preserve("lower")); r.CanPreserve {
		t.Errorf("too old: %+v", r)
	}
}

func TestProofIsNotKeptOnAReadOnlySite(t *testing.T) {
	s, proves := newFakeStore(), true
	open := func(readOnly string) *Manager {
		return newTestManager(t, s, func(c *Config) {
			c.Primary, c.ReadOnly = []PrimaryProvider{vouching(&proves)}, readOnly
		})
	}
	v := visitor("v")
	signIn(t, open(""), v, named("x"))
	puts := s.flowPuts
	if r := begun(t, open("moving"), v, preserve("Ann")); key(r) != "readonlytext" || s.flowPuts != puts {
		t.Errorf("got %+v, %d flows were written", r, s.flowPuts-puts)
	}
	if r := begun(t, open(""), v, preserve("Ann")); r.Status != Pass {
		t.Errorf("open again: %+v", r)
	}
}

// linker links what it proves.
type linker struct {
	scripted
	answer Response
}

func (*linker) CreationType() CreationType { return CreationLink }
func (p *linker) BeginLink(_ context.Context, l *Linking) (Response, error) {
	if len(l.Answers) == 0 {
		return Abstained(), nil
	}
	return p.answer, l.Prove(Proof{Provider: p.id, Identity: Identity{Issuer: "i", Subject: "s"}})
}
func (p *linker) ContinueLink(_ context.Context, l *Linking) (Response, error) {
	return Passed(), nil
}

// changes notes what it is asked to write.
type changes struct {
	made []Change
	err  error
}

func (c *changes) ChangeAccount(_ context.Context, change Change) error {
	c.made = append(c.made, change)
	return c.err
}

func TestLinking(t *testing.T) {
	written, p := &changes{}, &linker{scripted: scripted{id: "l"}, answer: Redirected("https://o.example/", Request{ID: "back"})}
	m := newTestManager(t, newFakeStore(), func(c *Config) { c.Primary, c.Changes = []PrimaryProvider{p}, written })
	norm := visitor("n")
	norm.Creator.Account = Account{ID: 3, Name: "Norm", Stamp: 4}
	step := func(what string, r Response, err error, want string) {
		t.Helper()
		if got := string(r.Status); err != nil || (got != want && key(r) != want) || r.CanPreserve {
			t.Errorf("%s: %+v, %v; want %s", what, r, err, want)
		}
	}
	ctx := context.Background()
	r, err := m.BeginLink(ctx, visitor("v"), named("x"))
	step("nobody", r, err, "authmanager-link-not-in-progress")
	r, err = m.BeginLink(ctx, norm, Begin{})
	step("nothing chosen", r, err, "authmanager-link-no-primary")
	r, err = m.ContinueLink(ctx, norm, nil)
	step("not begun", r, err, "authmanager-link-not-in-progress")
	r, err = m.BeginLink(ctx, norm, named("x"))
	step("begun", r, err, "REDIRECT")
	if waiting, err := m.Pending(ctx, ActionLinkContinue, norm); err != nil || waiting.RedirectTarget != "https://o.example/" {
		t.Errorf("waits for %+v, %v", waiting, err)
	}
	r, err = m.ContinueLink(ctx, norm, nil)
	step("continued", r, err, "PASS")
	if len(written.made) != 1 || written.made[0].Account != 3 || *written.made[0].Proven != 4 || len(written.made[0].Identities.Add) != 1 {
		t.Errorf("wrote %+v", written.made)
	}
	for fault, want := range map[error]string{ErrIdentityTaken: string(KeyIdentityTaken), ErrChanged: "gatehouse-changed-meanwhile"} {
		p.answer, written.err = Passed(), fault
		r, err = m.BeginLink(ctx, norm, named("x"))
		step(fault.Error(), r, err, want)
	}
	written.err = errors.New("disk full")
	if _, err := m.BeginLink(ctx, norm, named("x")); err == nil {
		t.Error("a fault is an answer")
	}
}

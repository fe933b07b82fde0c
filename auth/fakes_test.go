package auth

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"strconv"
	"sync"
	"testing"
	"time"

	"gatehouse/internal/username"
)

// fakeStore is the smallest store that keeps the promises the Manager builds on. What a real one must do beyond that,
// internal/store/storetest holds.
type fakeStore struct {
	mu       sync.Mutex
	accounts map[Name]Account
	drafts   []Draft
	flows    map[FlowID]*fakeFlow
	blocks   []Block
	flowPuts int
	failNext error
}

type fakeFlow struct {
	Flow
	claimed bool
}

func newFakeStore() *fakeStore {
	return &fakeStore{accounts: map[Name]Account{}, flows: map[FlowID]*fakeFlow{}}
}

func (s *fakeStore) AccountByName(_ context.Context, n Name) (Account, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a, ok := s.accounts[n]; ok {
		return a, nil
	}
	return Account{}, ErrNotFound
}

func (s *fakeStore) AccountsByName(_ context.Context, names []Name) ([]Account, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []Account
	for _, n := range names {
		if a, ok := s.accounts[n]; ok {
			found = append(found, a)
		}
	}
	return found, nil
}

func (s *fakeStore) AccountByID(_ context.Context, id AccountID) (Account, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.accounts {
		if a.ID == id {
			return a, nil
		}
	}
	return Account{}, ErrNotFound
}

func (s *fakeStore) CreateAccount(_ context.Context, d Draft) (Account, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.failNext; err != nil {
		s.failNext = nil
		return Account{}, err
	}
	if _, taken := s.accounts[d.Account.Name]; taken {
		return Account{}, ErrNameTaken
	}
	d.Account.ID = AccountID(len(s.accounts) + 1)
	s.accounts[d.Account.Name] = d.Account
	s.drafts = append(s.drafts, d)
	return d.Account, nil
}

func (s *fakeStore) BlocksOn(context.Context, Creator) ([]Block, error) {
	return append([]Block(nil), s.blocks...), nil
}

func (s *fakeStore) PutFlow(_ context.Context, f Flow) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	open := 0
	for id, have := range s.flows {
		if id != f.ID && have.Network == f.Network {
			open++
		}
	}
	if open >= MaxFlowsPerNetwork {
		return ErrTooManyFlows
	}
	s.flows[f.ID] = &fakeFlow{Flow: f}
	s.flowPuts++
	return nil
}

func (s *fakeStore) ClaimFlow(_ context.Context, id FlowID) (Flow, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.flows[id]
	if f == nil || f.claimed || f.Tries >= MaxFlowTries {
		return Flow{}, ErrNotFound
	}
	f.claimed = true
	f.Tries++
	return f.Flow, nil
}

func (s *fakeStore) PeekFlow(_ context.Context, id FlowID) (Flow, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.flows[id]
	if f == nil || f.claimed {
		return Flow{}, ErrNotFound
	}
	return f.Flow, nil
}

func (s *fakeStore) EndFlow(_ context.Context, id FlowID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.flows, id)
	return nil
}

// fakeSession is a client's cookie jar.
type fakeSession struct {
	id     string
	secret []byte
	made   int
}

func (s *fakeSession) FlowID() FlowID     { return FlowID(s.id) }
func (s *fakeSession) Establish() FlowID  { return s.FlowID() }
func (s *fakeSession) FlowSecret() []byte { return s.secret }
func (s *fakeSession) NewFlowSecret() []byte {
	s.made++
	s.secret = []byte(s.id + "-secret-" + strconv.Itoa(s.made))
	return s.secret
}

// fakeSealer shows what was sealed, so that tests can look for secrets, and still refuses another secret.
type fakeSealer struct{}

func (fakeSealer) SealFlow(secret, plain []byte) ([]byte, error) {
	return append(append(append([]byte{}, secret...), 0), plain...), nil
}

func (fakeSealer) OpenFlow(secret, sealed []byte) ([]byte, error) {
	had, plain, _ := bytes.Cut(sealed, []byte{0})
	if !bytes.Equal(had, secret) {
		return nil, fmt.Errorf("another secret")
	}
	return plain, nil
}

// fakeNames accepts what begins with a capital letter as usable, and as creatable if it has no colon.
type fakeNames struct{}

func (fakeNames) Canonical(raw string, r username.Rigor) (Name, bool) {
	if raw == "" || raw[0] < 'A' || raw[0] > 'Z' {
		return "", false
	}
	if r == username.Creatable && bytes.ContainsRune([]byte(raw), ':') {
		return "", false
	}
	return Name(raw), true
}

func visitor(id string) Client {
	return Client{
		Creator: Creator{Addr: netip.MustParseAddr("192.0.2.1")}, Session: &fakeSession{id: id}, Language: "en",
	}
}

func newTestManager(t testing.TB, s *fakeStore, set func(*Config)) *Manager {
	t.Helper()
	cfg := Config{
		Accounts: s, Flows: s, Sealer: fakeSealer{}, Names: fakeNames{}, Groups: DefaultGroups(),
		Clock: func() time.Time { return time.Unix(1_800_000_000, 0) },
	}
	set(&cfg)
	m, err := NewManager(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// named is a submission that names the account.
func named(name string) Begin {
	return Begin{Answers: Answers{{ID: "name", Values: map[string]string{FieldUsername: name}}}, ReturnURL: "https://c.example/"}
}

// key is the first message's key.
func key(r Response) string {
	if len(r.Messages) == 0 {
		return ""
	}
	return string(r.Messages[0].Key)
}

// scripted is a provider that answers as its functions say; nil functions abstain or pass.
type scripted struct {
	id           ProviderID
	beforeCommit bool
	requests     []Request
	test         func(*Creation) Check
	begin        func(*Creation) (Response, error)
	goOn         func(*Creation) (Response, error)
	login        func(*Login) (Response, error)
	goOnLogin    func(*Login) (Response, error)
	contribute   func(*Creation, *Draft)
	told         []Status
}

func (p *scripted) ID() ProviderID                                       { return p.id }
func (p *scripted) Requests(context.Context, Options) ([]Request, error) { return p.requests, nil }
func (p *scripted) CreationType() CreationType                           { return CreationCreate }
func (p *scripted) BeforeCommit() bool                                   { return p.beforeCommit }

func (p *scripted) TestForCreation(_ context.Context, c *Creation) (Check, error) {
	if p.test == nil {
		return Good(), nil
	}
	return p.test(c), nil
}

func (p *scripted) BeginCreation(_ context.Context, c *Creation) (Response, error) {
	if p.begin == nil {
		return Abstained(), nil
	}
	return p.begin(c)
}

func (p *scripted) ContinueCreation(_ context.Context, c *Creation) (Response, error) {
	return p.goOn(c)
}

func (p *scripted) BeginLogin(_ context.Context, l *Login) (Response, error) {
	if p.login == nil {
		return Abstained(), nil
	}
	return p.login(l)
}

func (p *scripted) ContinueLogin(_ context.Context, l *Login) (Response, error) {
	return p.goOnLogin(l)
}

func (p *scripted) ContributeToDraft(_ context.Context, c *Creation, d *Draft) error {
	if p.contribute != nil {
		p.contribute(c, d)
	}
	return nil
}

func (p *scripted) CreationEnded(_ context.Context, _ *Creation, r Response) {
	p.told = append(p.told, r.Status)
}

// always answers the same.
func always(r Response) func(*Creation) (Response, error) {
	return func(*Creation) (Response, error) { return r, nil }
}

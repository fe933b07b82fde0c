package websession

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/keyring"
)

// fakeStore keeps rows as a database would, and counts.
type fakeStore struct {
	accounts      map[auth.AccountID]auth.Account
	rows          map[auth.SessionID]auth.SessionRow
	reads, writes int
	fail          error
}

var errStore = errors.New("the store is away")

func newFakeStore(accounts ...auth.Account) *fakeStore {
	s := &fakeStore{accounts: map[auth.AccountID]auth.Account{}, rows: map[auth.SessionID]auth.SessionRow{}}
	for _, a := range accounts {
		s.accounts[a.ID] = a
	}
	return s
}

func (s *fakeStore) first(match func(auth.SessionRow) bool) (auth.SessionRow, auth.Account, error) {
	s.reads++
	if s.fail != nil {
		return auth.SessionRow{}, auth.Account{}, s.fail
	}
	for _, row := range s.rows {
		if match(row) {
			return row, s.accounts[row.Account], nil
		}
	}
	return auth.SessionRow{}, auth.Account{}, auth.ErrNotFound
}

func (s *fakeStore) Session(_ context.Context, id auth.SessionID) (auth.SessionRow, auth.Account, error) {
	return s.first(func(row auth.SessionRow) bool { return row.ID == id })
}

func (s *fakeStore) RememberedSession(_ context.Context, id auth.SessionID) (auth.SessionRow, auth.Account, error) {
	return s.first(func(row auth.SessionRow) bool { return row.Remember != "" && row.Remember == id })
}

func (s *fakeStore) StartSession(_ context.Context, row auth.SessionRow, replaces auth.SessionID) error {
	s.writes++
	if s.fail != nil {
		return s.fail
	}
	if row.Stamp != s.accounts[row.Account].Stamp {
		return auth.ErrChanged
	}
	delete(s.rows, replaces)
	s.rows[row.ID] = row
	return nil
}

func (s *fakeStore) RenewSession(_ context.Context, id auth.SessionID, expires time.Time) error {
	s.writes++
	if row, ok := s.rows[id]; ok && s.fail == nil {
		row.Expires = expires
		s.rows[id] = row
	}
	return s.fail
}

func (s *fakeStore) EndSession(_ context.Context, id auth.SessionID) error {
	s.writes++
	delete(s.rows, id)
	return s.fail
}

func (s *fakeStore) SessionsOf(_ context.Context, account auth.AccountID) ([]auth.SessionRow, error) {
	var out []auth.SessionRow
	for _, row := range s.rows {
		if row.Account == account {
			out = append(out, row)
		}
	}
	slices.SortFunc(out, func(a, b auth.SessionRow) int { return b.Authenticated.Compare(a.Authenticated) })
	return out, s.fail
}

func (s *fakeStore) EndSessionsOf(_ context.Context, account auth.AccountID) error {
	for id, row := range s.rows {
		if row.Account == account {
			delete(s.rows, id)
		}
	}
	return s.fail
}

// keyRows is a keyring's store.
type keyRows struct {
	mu   sync.Mutex
	rows []auth.KeyRow
}

func (s *keyRows) Keys(context.Context) ([]auth.KeyRow, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.rows), nil
}

func (s *keyRows) AddKey(_ context.Context, row auth.KeyRow) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rows = append(s.rows, row)
	return true, nil
}

// site is one server under test, with a clock that is moved by hand.
type site struct {
	t     testing.TB
	now   time.Time
	store *fakeStore
	keys  *keyring.Keyring
	*Manager
}

func newSite(t testing.TB, change func(*Config), accounts ...auth.Account) *site {
	t.Helper()
	s := &site{t: t, now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), store: newFakeStore(accounts...)}
	clock := func() time.Time { return s.now }
	var err error
	s.keys, err = keyring.Open(t.Context(), keyring.Config{Store: &keyRows{}, Site: "wiki", Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	c := Config{Store: s.store, Keys: s.keys, Site: "wiki", PublicURL: "http://wiki.example", Clock: clock}
	if change != nil {
		change(&c)
	}
	if s.Manager, err = New(c); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *site) advance(d time.Duration) { s.now = s.now.Add(d) }

// browser keeps cookies as a strict client does, without looking at expiry times.
type browser struct {
	site *site
	jar  map[string]string
	last []*http.Cookie // what the last answer set
}

func (s *site) browser() *browser { return &browser{site: s, jar: map[string]string{}} }

func (b *browser) copy() *browser {
	c := b.site.browser()
	for name, value := range b.jar {
		c.jar[name] = value
	}
	return c
}

// request sends one request whose handler is act.
func (b *browser) request(act func(*Session)) *Session {
	b.site.t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/w/api.php", nil)
	for name, value := range b.jar {
		r.Header.Add("Cookie", name+"="+value)
	}
	s, err := b.site.Load(b.site.t.Context(), r)
	if err != nil {
		b.site.t.Fatal(err)
	}
	if act != nil {
		act(s)
	}
	w := httptest.NewRecorder()
	s.WriteCookies(w.Header())
	b.last = w.Result().Cookies()
	for _, c := range b.last {
		b.jar[c.Name] = c.Value
		if c.Value == deletedValue {
			delete(b.jar, c.Name)
		}
	}
	return s
}

func (b *browser) token(t TokenType) (token string) {
	b.site.t.Helper()
	b.request(func(s *Session) { token = s.Token(t) })
	return token
}

func (b *browser) check(t TokenType, token string) (good bool) {
	b.site.t.Helper()
	b.request(func(s *Session) { good = s.CheckToken(t, token) })
	return good
}

func (b *browser) signIn(a auth.Account, o SignIn) {
	b.site.t.Helper()
	b.request(func(s *Session) {
		if err := s.SignIn(b.site.t.Context(), a, o); err != nil {
			b.site.t.Fatal(err)
		}
	})
}

func (b *browser) signOut() {
	b.site.t.Helper()
	b.request(func(s *Session) {
		if err := s.SignOut(b.site.t.Context()); err != nil {
			b.site.t.Fatal(err)
		}
	})
}

func (b *browser) account() auth.Account { return b.request(nil).Account() }

var (
	norm  = auth.Account{ID: 3, Name: "Norm"}
	admin = auth.Account{ID: 4, Name: "Ad min/é", Groups: []string{"sysop"}}
)

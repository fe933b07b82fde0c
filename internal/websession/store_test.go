package websession

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/keyring"
	"gatehouse/internal/store"
	"gatehouse/internal/store/sqlstore"
)

func openStore(t *testing.T) *sqlstore.Store {
	t.Helper()
	s, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "gatehouse.db"), store.Options{Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// A life of sessions on a real store, with keys in the same one.
func TestOnARealStore(t *testing.T) {
	db := openStore(t)
	account, err := db.CreateAccount(t.Context(), auth.Draft{Nonce: "n", Account: auth.Account{Name: "Norm"}})
	if err != nil {
		t.Fatal(err)
	}
	keys, err := keyring.Open(t.Context(), keyring.Config{Store: db, MasterFile: filepath.Join(t.TempDir(), "key"), Site: "wiki"})
	if err != nil {
		t.Fatal(err)
	}
	site := newSite(t, func(c *Config) { c.Store, c.Keys = db, keys })
	site.now = time.Now() // the keys have the real time

	writes := db.Writes()
	desk, phone := site.browser(), site.browser()
	token := desk.token(TokenLogin)
	if !desk.check(TokenLogin, token) || db.Writes() != writes {
		t.Errorf("a visitor's token does not hold, or cost %d writes", db.Writes()-writes)
	}
	desk.signIn(account, SignIn{})
	phone.signIn(account, SignIn{Remember: true})
	delete(phone.jar, "wiki_session")
	if desk.account().Name != "Norm" || phone.account().Name != "Norm" {
		t.Fatal("nobody is signed in")
	}
	if _, err := db.SetGroups(t.Context(), sqlstore.GroupChange{Account: account.ID, Add: []string{"sysop"}}); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(desk.account().Groups, []string{"sysop"}) {
		t.Error("the account's groups are old")
	}

	site.advance(31 * time.Minute)
	writes = db.Writes()
	desk.request(nil)
	desk.request(nil)
	if got := db.Writes() - writes; got != 1 {
		t.Errorf("%d renewals, want 1", got)
	}
	site.advance(time.Hour - time.Second)
	if desk.account().ID == 0 {
		t.Error("the renewed session does not hold")
	}
	desk.signOut()
	if rows, err := site.List(t.Context(), account.ID); err != nil || len(rows) != 1 || rows[0].Remember == "" {
		t.Errorf("List = %v, %v", rows, err)
	}
}

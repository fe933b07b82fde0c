package throttle

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"gatehouse/auth"
	"gatehouse/internal/store"
	"gatehouse/internal/username"
)

// On a real store, many attempts and creations at once never exceed what may be.
func TestStoreCountsExactly(t *testing.T) {
	s, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "gatehouse.db"), store.Options{Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	c := newHouse(t, nil).cfg
	c.Store, c.Names = s, username.NewRules(username.Options{})
	p, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	tried, made, waits := 0, 0, map[string]int{}
	for i := range 20 {
		all.Go(func() {
			creation := &auth.Creation{Creator: visitor("2001:db8::1")}
			check, err := p.TestForCreation(t.Context(), creation)
			if err != nil || !check.OK() {
				mu.Lock()
				defer mu.Unlock()
				waits[told(check)]++
				if err != nil {
					t.Error(err)
				}
				return
			}
			d := auth.Draft{Nonce: fmt.Sprint(i), Account: auth.Account{Name: auth.Name(fmt.Sprintf("Zane %d", i))}}
			if err := p.ContributeToDraft(t.Context(), creation, &d); err != nil {
				t.Error(err)
			}
			_, err = s.CreateAccount(t.Context(), d)
			var limit *auth.LimitError
			if err != nil && !errors.As(err, &limit) {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			tried++
			if err == nil {
				made++
			}
		})
	}
	all.Wait()
	if made != 2 || tried > 5 {
		t.Errorf("%d made, %d tried; refusals %v", made, tried, waits)
	}
}

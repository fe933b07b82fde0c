package postgres

import (
	"errors"
	"net/netip"
	"slices"
	"testing"

	"gatehouse/auth"
	"gatehouse/internal/store/sqlstore"
)

// TestLostConnectionOfChanges: whenever the connection is lost, a change is made once, with one entry in the log, and its
// maker is told that it was.
func TestLostConnectionOfChanges(t *testing.T) {
	entry := func(kind string) auth.LogEntry {
		return auth.LogEntry{Type: kind, Action: kind, Performer: "Boss", TargetID: 1, Target: "Ann", Comment: "Fated"}
	}
	address := netip.MustParsePrefix("192.0.2.1/32")
	changes := map[string]func(*testing.T, *sqlstore.Store) error{
		"credentials": func(t *testing.T, s *sqlstore.Store) error {
			c := auth.Change{Account: 1, Log: entry(auth.LogRights), Credentials: []auth.CredentialChange{{Kind: auth.CredentialPassword, New: "Fated"}}}
			err := s.ChangeAccount(t.Context(), c)
			if a, _ := s.AccountByID(t.Context(), 1); a.Stamp != 1 {
				t.Errorf("the stamp is %d", a.Stamp)
			}
			return err
		},
		"block": func(t *testing.T, s *sqlstore.Store) error {
			b, err := s.PlaceBlock(t.Context(), auth.BlockOrder{Block: auth.Block{Range: address, By: "Boss"}, Log: entry(auth.LogBlock)})
			if b.ID == 0 || b.Range != address {
				t.Errorf("placed %+v", b)
			}
			return err
		},
		"unblock": func(t *testing.T, s *sqlstore.Store) error {
			lifted, err := s.LiftBlocks(t.Context(), []int64{1}, entry(auth.LogBlock))
			if len(lifted) != 1 {
				t.Errorf("lifted %+v", lifted)
			}
			return err
		},
		"groups": func(t *testing.T, s *sqlstore.Store) error {
			before, after, err := s.EditGroups(t.Context(), auth.GroupEdit{Account: 1, Add: []string{"bot"}, Log: entry(auth.LogRights)})
			if len(before.Groups) != 0 || !slices.Equal(after.Groups, []string{"bot"}) {
				t.Errorf("before %+v, after %+v", before.Groups, after.Groups)
			}
			return err
		},
	}
	for fault, b := range map[string]struct {
		marker     string
		withAnswer bool
	}{"request lost": {"Fated", false}, "commit lost": {"commit", false}, "answer lost": {"commit", true}} {
		for what, change := range changes {
			t.Run(what+", "+fault, func(t *testing.T) {
				line := &breaker{marker: []byte(b.marker), withAnswer: b.withAnswer}
				s := openBreakable(t, line)
				if _, err := s.CreateAccount(t.Context(), creation("Ann")); err != nil {
					t.Fatal(err)
				}
				if what == "unblock" {
					if _, err := s.AddBlock(t.Context(), auth.Block{Range: address, By: "Boss"}); err != nil {
						t.Fatal(err)
					}
				}
				line.armed.Store(true)
				if err := change(t, s); err != nil {
					t.Error(err)
				}
				if line.armed.Load() {
					t.Error("the connection was not lost")
				}
				entries, err := s.LogEntries(t.Context(), auth.LogQuery{Limit: 9})
				if err != nil || len(entries) != 2 {
					t.Errorf("log %+v, %v", entries, err)
				}
			})
		}
	}
}

// TestChangeRefusedBehindAFault: what was refused stays refused when it is asked a second time.
func TestChangeRefusedBehindAFault(t *testing.T) {
	line := &breaker{marker: []byte("Fated")}
	s := openBreakable(t, line)
	if _, err := s.CreateAccount(t.Context(), creation("Ann")); err != nil {
		t.Fatal(err)
	}
	line.armed.Store(true)
	err := s.ChangeAccount(t.Context(), auth.Change{Account: 1, Credentials: []auth.CredentialChange{
		{Kind: auth.CredentialPassword, Old: "Fated", New: "another"},
	}})
	if !errors.Is(err, auth.ErrChanged) || line.armed.Load() {
		t.Errorf("got %v", err)
	}
}

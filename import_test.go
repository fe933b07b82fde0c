package gatehouse

import (
	"crypto/md5"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/mediawikitest"
)

// TestImportedAccounts signs in to accounts that came from elsewhere with the passwords they had there (row 7 of the security
// checklist): the hash that came along is replaced by one of this site's, and what was salted with an id still opens.
func TestImportedAccounts(t *testing.T) {
	const typed = "Correct-Horse-9x"
	lines := `{"name":"Pia","password":"$2y$05$abcdefghijklmnopqrstuuTU11VyhxPyN5EGFsqO1Zfrt17avXyMK"}
{"user_id":12,"user_name":"Old","user_password":"` + saltedSum("12", typed) + `","user_registration":"20040102030405"}
{"name":"Django","password":"pbkdf2_sha256$1000$NaClText$CrodgWVrej64caNcyEkPnB3leNmuuegfaw4JAHejnJk="}
`
	onBothStores(t, func(t *testing.T, cfg Config) {
		s := newServer(t, cfg)
		op := openOperator(t, cfg)
		made := imports(t, op, lines)
		if len(made) != 3 {
			t.Fatalf("made %v", made)
		}
		for _, name := range []string{"Pia", "Old", "Django"} {
			a, err := s.store.AccountByName(t.Context(), auth.Name(name))
			if err != nil {
				t.Fatal(err)
			}
			before, err := s.store.Credential(t.Context(), a.ID, auth.CredentialPassword)
			if err != nil {
				t.Fatal(err)
			}
			if got := newClient(t, s.Handler()).signIn(name, typed); got != "PASS" {
				t.Errorf("%s: %s", name, got)
			}
			after, err := s.store.Credential(t.Context(), a.ID, auth.CredentialPassword)
			if err != nil || before == after {
				t.Errorf("%s: the hash is still %.20q, %v", name, after, err)
			}
			if got := newClient(t, s.Handler()).signIn(name, typed); got != "PASS" {
				t.Errorf("%s, again: %s", name, got)
			}
		}
	})
}

// TestImportFromMediaWiki takes over the accounts of a real one, as docs/moving.md tells to read them out, and signs in.
func TestImportFromMediaWiki(t *testing.T) {
	dir := t.TempDir()
	wiki := mediawikitest.Start(t, mediawikitest.Options{Folder: dir})
	c := at(t, wiki)
	c.api = wiki + "/api.php"
	if got := c.create("Zane", "Corr3ct-horse"); got["status"] != "PASS" {
		t.Fatalf("the wiki says %v", got)
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "wiki.sqlite")+"?mode=ro&_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var lines string
	err = db.QueryRow(`SELECT group_concat(line, char(10)) FROM (SELECT json_object('user_id', user_id, 'user_name', CAST(user_name AS TEXT),
'user_real_name', CAST(user_real_name AS TEXT), 'user_password', CAST(user_password AS TEXT), 'user_email', user_email,
'user_email_authenticated', CAST(user_email_authenticated AS TEXT), 'user_registration', CAST(user_registration AS TEXT)) AS line
FROM user WHERE user_password <> '')`).Scan(&lines)
	if err != nil {
		t.Fatal(err)
	}
	cfg := clusterConfig(t)
	s := newServer(t, cfg)
	if made := imports(t, openOperator(t, cfg), lines); !slices.Contains(made, "Zane") || !slices.Contains(made, mediawikitest.Admin) {
		t.Fatalf("imported %v of\n%s", made, lines)
	}
	for name, password := range map[string]string{"Zane": "Corr3ct-horse", mediawikitest.Admin: mediawikitest.AdminPassword} {
		if got := newClient(t, s.Handler()).signIn(name, password); got != "PASS" {
			t.Errorf("%s: %s", name, got)
		}
	}
	if a, err := s.store.AccountByName(t.Context(), "Zane"); err != nil || time.Since(a.Registered) > time.Hour {
		t.Errorf("registered %v, %v", a.Registered, err)
	}
}

// TestImportGoesOn stops an import in the middle and starts it again: no account is made twice, none is left out, and each has one
// entry in the log.
func TestImportGoesOn(t *testing.T) {
	const all, enough = 600, 300
	var lines strings.Builder
	for i := range all {
		fmt.Fprintf(&lines, "{\"name\":\"Person %d\"}\n", i)
	}
	onBothStores(t, func(t *testing.T, cfg Config) {
		newServer(t, cfg)
		op := openOperator(t, cfg)
		stop, seen := errors.New("stopped"), 0
		err := op.ImportAccounts(t.Context(), strings.NewReader(lines.String()), ImportOptions{}, func(Imported) error {
			if seen++; seen == enough {
				return stop
			}
			return nil
		})
		if !errors.Is(err, stop) {
			t.Fatalf("it ended with %v", err)
		}
		made, again := 0, 0
		err = op.ImportAccounts(t.Context(), strings.NewReader(lines.String()), ImportOptions{}, func(i Imported) error {
			if i.Err != nil {
				t.Errorf("line %d: %v", i.Line, i.Err)
			}
			if i.Again {
				again++
			} else {
				made++
			}
			return nil
		})
		if err != nil || made+again != all || again < enough {
			t.Errorf("made %d, %d were there: %v", made, again, err)
		}
		entries, err := op.store.LogEntries(t.Context(), auth.LogQuery{Type: auth.LogNewUsers, Limit: 2 * all})
		if err != nil || len(entries) != all {
			t.Errorf("%d entries, %v", len(entries), err)
		}
	})
}

func imports(t *testing.T, op *Operator, lines string) (made []auth.Name) {
	t.Helper()
	err := op.ImportAccounts(t.Context(), strings.NewReader(lines), ImportOptions{}, func(i Imported) error {
		if i.Err != nil {
			t.Errorf("line %d: %v", i.Line, i.Err)
			return nil
		}
		made = append(made, i.Name)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// saltedSum is what the oldest of MediaWiki's rows hold.
func saltedSum(id, password string) string { return md5Of(id + "-" + md5Of(password)) }

func md5Of(text string) string {
	digest := md5.Sum([]byte(text))
	return hex.EncodeToString(digest[:])
}

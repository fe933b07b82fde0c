package password

import (
	"errors"
	"strings"
	"testing"
)

// Made with Python: hashlib and crypt, put together as passlib and Django do.
var foreignVectors = map[string]string{
	"passlib":        "$pbkdf2-sha256$1000$c2l4dGVlbiBieXRlIHNhbA$EwRA/TFf.WlhmIVwiyzGwCz3pnLqwcewntTB36v813c",
	"passlib's sha1": "$pbkdf2$1000$c2l4dGVlbiBieXRlIHNhbA$xOfTQ91CKzCBOg1tpXiGUQEazzU",
	"Django":         "pbkdf2_sha256$1000$NaClText$CrodgWVrej64caNcyEkPnB3leNmuuegfaw4JAHejnJk=",
	"crypt 2y":       "$2y$05$abcdefghijklmnopqrstuuTU11VyhxPyN5EGFsqO1Zfrt17avXyMK",
	"crypt 2b":       "$2b$05$abcdefghijklmnopqrstuuTU11VyhxPyN5EGFsqO1Zfrt17avXyMK",
	"PHC":            strings.TrimPrefix(vectors["argon2"], ":argon2:"),
}

// Every form that is taken in opens with its password and no other, at the next sign-in is due for replacement, and never stands in
// the store as a bare sum. It covers the import of row 7 of the security checklist.
func TestAdopt(t *testing.T) {
	h := newHasher(t, cheap(Bcrypt))
	check := func(name, foreign string) {
		t.Helper()
		if err := Recognize(foreign); err != nil {
			t.Errorf("%s: Recognize: %v", name, err)
		}
		stored, err := h.Adopt(foreign)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		if parsed, _ := parse(stored); parsed == nil {
			t.Errorf("%s becomes %q", name, stored)
		} else if _, bare := parsed.(md5Hash); bare {
			t.Errorf("%s is stored as a bare sum", name)
		}
		if ok, stale, err := h.Verify(stored, vectorPassword); !ok || err != nil || stale == strings.Contains(stored, ":bcrypt:") {
			t.Errorf("%s: Verify = %v, %v, %v", name, ok, stale, err)
		}
		if ok, _, _ := h.Verify(stored, "correct-horse-9x"); ok {
			t.Errorf("%s opens with another password", name)
		}
	}
	for name, foreign := range vectors {
		check(name, foreign)
	}
	for name, foreign := range foreignVectors {
		check(name, foreign)
	}
	if stored, err := h.Adopt(""); stored != "" || err != nil {
		t.Errorf("nothing becomes %q, %v", stored, err)
	}
}

func TestAdoptRefuses(t *testing.T) {
	h := newHasher(t, cheap(Argon2id))
	for _, tt := range []struct {
		foreign string
		want    error
	}{
		{"correct horse", ErrUnknownFormat},
		{"{SSHA}AAAA", ErrUnknownFormat},
		{"$1$salt$hash", ErrUnknownFormat},
		{"$2x$05$abcdefghijklmnopqrstuuTU11VyhxPyN5EGFsqO1Zfrt17avXyMK", ErrUnknownFormat}, // the one with the flaw
		{"$2y$05$tooshort", ErrMalformed},
		{"$2y$17$abcdefghijklmnopqrstuuTU11VyhxPyN5EGFsqO1Zfrt17avXyMK", ErrTooCostly},
		{"$argon2id$v=19$m=262145,t=1,p=1$c2FsdHNhbHRzYWx0$" + strings.Repeat("A", 43), ErrTooCostly},
		{"$pbkdf2-sha256$1000$c2FsdA", ErrMalformed},
		{"$pbkdf2-sha256$5000001$c2FsdA$EwRA/TFf.WlhmIVwiyzGwCz3pnLqwcewntTB36v813c", ErrTooCostly},
		{"$pbkdf2-sha256$1000$c2FsdA$%", ErrMalformed},
		{"pbkdf2_sha256$1000$salt", ErrMalformed},
		{"pbkdf2_sha256$1000$salt$%", ErrMalformed},
		{":B:a!b:6851c690e3332d785d2d63351a14d06f", ErrMalformed},
		{strings.Repeat("A", maxStored+1), ErrMalformed},
	} {
		if stored, err := h.Adopt(tt.foreign); stored != "" || !errors.Is(err, tt.want) {
			t.Errorf("Adopt(%.40q) = %q, %v; want %v", tt.foreign, stored, err, tt.want)
		}
		if err := Recognize(tt.foreign); !errors.Is(err, tt.want) {
			t.Errorf("Recognize(%.40q) = %v; want %v", tt.foreign, err, tt.want)
		}
	}
}

func FuzzAdopt(f *testing.F) {
	for _, foreign := range foreignVectors {
		f.Add(foreign)
	}
	for _, foreign := range vectors {
		f.Add(foreign)
	}
	h, err := NewHasher(cheap(Argon2id), strings.NewReader(""))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, foreign string) {
		stored, err := h.Adopt(foreign)
		if err == nil && foreign != "" {
			if _, err := parse(stored); err != nil {
				t.Errorf("%q becomes %q, which cannot be read: %v", foreign, stored, err)
			}
		}
	})
}

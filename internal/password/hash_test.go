package password

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"
)

// vectorPassword is the password of the vectors below, which are the published ones of the stored formats.
const vectorPassword = "Correct-Horse-9x"

var vectors = map[string]string{
	"bare":           "6851c690e3332d785d2d63351a14d06f",
	"A":              ":A:6851c690e3332d785d2d63351a14d06f",
	"B":              ":B:48b2bb65:33b42ebf858808f13ccde9fc927185da",
	"pbkdf2":         ":pbkdf2:sha512:30000:64:1tecRXQc4MiznrHmbBJe2Q==:WNFXbufdY73i51CmCYZs/75S2T0UOhp692G6v5tNnKh1zHKxwVUwkYHZP1H6jXUpNcHPWmdNBbFbAfkEsFLfyw==",
	"bcrypt":         ":bcrypt:9$X3aoSOY31dA/BBn09rATtu$L2rU2IcoZjVRpgOefCIw2uXzjcXVmOG",
	"argon2":         ":argon2:$argon2id$v=19$m=65536,t=4,p=1$RlNMWkxPLmt0SFhZUEN3TA$ekCi+wrfjyG15GVkDq6mqC4eQOnL8eYTl7eZF0qH4Yk",
	"pbkdf2-legacyA": ":pbkdf2-legacyA:!sha512:30000:64!!AZI/SENPrXVzx5zKKlxNVA==!Ca3x7OB/YV2Ol/8zL6j1I6kTEzZSUc0Lcirtmmcl1ATgbqbq66HN1y24JhpvW/UYXC6hwmtY/fuA47sAE9M/Eg==",
	"pbkdf2-legacyB": ":pbkdf2-legacyB:!sha512:30000:64!7bb1ae55!iTip2NM/PMOgH60HdI/Ppw==!24KzHaVUBN4NLgDlkcqA0aVovPs5tcMVdHwG3jRYqTCKsMfydPM+47CVpcWok5fAxGAURL9ogxgMk0ctTMQogg==",
}

// cheap are settings whose hashes cost next to nothing.
func cheap(kind Kind) Settings {
	return Settings{
		Default: kind, PBKDF2Iterations: 2, BcryptCost: minBcryptCost, Argon2Memory: minArgon2Memory, Argon2Passes: 1,
		AllowWeak: true,
	}
}

func newHasher(t testing.TB, s Settings) *Hasher {
	t.Helper()
	h, err := NewHasher(s, rand.Reader)
	if err != nil {
		t.Fatalf("NewHasher: %v", err)
	}
	return h
}

func hashOf(t *testing.T, h *Hasher, password string) string {
	t.Helper()
	stored, err := h.Hash(password)
	if err != nil {
		t.Fatalf("Hash: %v", err)
	}
	return stored
}

func TestVerifyVectors(t *testing.T) {
	h := newHasher(t, Settings{Default: PBKDF2SHA512})
	for name, stored := range vectors {
		ok, stale, err := h.Verify(stored, vectorPassword)
		if err != nil || !ok || !stale {
			t.Errorf("%s: Verify = %v, %v, %v; want true, true, nil", name, ok, stale, err)
		}
		ok, stale, err = h.Verify(stored, "correct-Horse-9x")
		if err != nil || ok || stale {
			t.Errorf("%s, wrong password: Verify = %v, %v, %v; want false, false, nil", name, ok, stale, err)
		}
		if err := Recognize(stored); err != nil {
			t.Errorf("%s: Recognize: %v", name, err)
		}
	}
}

// Made with PHP: hash_pbkdf2, password_hash and crypt.
func TestVerifyVariants(t *testing.T) {
	h := newHasher(t, cheap(Argon2id))
	for _, tt := range []struct{ name, stored, password string }{
		{"pbkdf2 of sha1, RFC 6070", ":pbkdf2:sha1:4096:20:c2FsdA==:SwB5AbdlSJq+rUnZJvch0GWkKcE=", "password"},
		{"pbkdf2 of sha256", ":pbkdf2:sha256:1000:128:MDEyMzQ1Njc4OWFiY2RlZg==:ISiuLdKjpO9LncvAiUn/EAzniry3AUnw8bzfVx+NnP2A4OoU2M1UcEKnKXCZWPIbCwBjlR78tuPuqHKu/f17/CiEAS0AxFLB5actF0UzTEd91SC4txGw1XVaSPsO9eTdCRRhcDyy/gtvNY2CZTstE7oqfie7dsWcArWRWV4dcyI=", vectorPassword},
		{"pbkdf2 of sha1", ":pbkdf2:sha1:1000:32:MDEyMzQ1Njc4OWFiY2RlZg==:YK1SP3oQtEqen2vjVrESr2c9BxjX4uDrgOywgz2tmik=", vectorPassword},
		{"pbkdf2 of md5", ":pbkdf2:md5:1000:32:MDEyMzQ1Njc4OWFiY2RlZg==:lqnYAlNeu6ebrHs2vNf3psPsvB5B3dKO5nOzEtNHQsY=", vectorPassword},
		{"pbkdf2 of sha384", ":pbkdf2:sha384:1000:32:MDEyMzQ1Njc4OWFiY2RlZg==:8Ut4YSibkbP8oVpuAW2H6H3En0wrIvFw5q5SkmG90QY=", vectorPassword},
		{"pbkdf2 of sha512/256", ":pbkdf2:sha512/256:1000:32:MDEyMzQ1Njc4OWFiY2RlZg==:zaJYMxl5CsEQTdlGldti4mmVLyui5SRB71lChthghVk=", vectorPassword},
		{"pbkdf2 of sha3-256", ":pbkdf2:sha3-256:1000:32:MDEyMzQ1Njc4OWFiY2RlZg==:2MfyjXeyuMEPOSqgHid2LF2DVukbgdXhTR+8MhL6+cY=", vectorPassword},
		{"pbkdf2 of sha224", ":pbkdf2:sha224:1000:32:MDEyMzQ1Njc4OWFiY2RlZg==:Cls+31eyMCZTESK/RPzfT+7A/50mqHyFHWN8ZGMEny8=", vectorPassword},
		{"argon2i", ":argon2:$argon2i$v=19$m=64,t=2,p=1$TVkuZVJNVVFxSUV0NjhxQw$2/KlQVWZMF3SxPTUJVghKcRnD9fzJTfKL1G8yBAInbM", vectorPassword},
		{"bcrypt", ":bcrypt:4$abcdefghijklmnopqrstuu$.IH9azz9uqUYTNK2DPwYHpxu4iUFSD6", vectorPassword},
		{"bcrypt of 80 bytes", ":bcrypt:4$abcdefghijklmnopqrstuu$bzadhGtS2zEF.gu0yd0opP6cVzb.e0i", strings.Repeat("x", 80)},
		{"bcrypt of a zero byte", ":bcrypt:4$abcdefghijklmnopqrstuu$hx0J1wcYf65hQP0ul50QI8vTEOJ3ERi", "Ab3\x00efg"},
		{"bcrypt of what is before it", ":bcrypt:4$abcdefghijklmnopqrstuu$hx0J1wcYf65hQP0ul50QI8vTEOJ3ERi", "Ab3"},
		{"bcrypt beyond ASCII", ":bcrypt:4$abcdefghijklmnopqrstuu$yx2n0Zzopyr9QuYTMCfOJJOj526QVoC", "pässwörd"},
		{"upper-case digits", ":A:6851C690E3332D785D2D63351A14D06F", vectorPassword},
	} {
		if ok, _, err := h.Verify(tt.stored, tt.password); err != nil || !ok {
			t.Errorf("%s: Verify = %v, %v; want true", tt.name, ok, err)
		}
	}
}

func TestHashRoundTrip(t *testing.T) {
	passwords := []string{
		"Correct-Horse-9x", "", " edges ", "a\x00b", "ÿ\xff\xfe", strings.Repeat("💧", 64), strings.Repeat("x", 72),
		strings.Repeat("x", 73), strings.Repeat("x", 4096),
	}
	for _, kind := range []Kind{Argon2id, PBKDF2SHA512, Bcrypt} {
		h := newHasher(t, cheap(kind))
		for _, password := range passwords {
			stored := hashOf(t, h, password)
			if again := hashOf(t, h, password); again == stored {
				t.Errorf("%s: two hashes of %.10q are the same", kind, password)
			}
			if ok, stale, err := h.Verify(stored, password); err != nil || !ok || stale {
				t.Errorf("%s of %.10q: Verify = %v, %v, %v; want true, false, nil", kind, password, ok, stale, err)
			}
			for _, other := range []string{password + "x", password + " ", " " + password} {
				if ok, _, err := h.Verify(stored, other); err != nil || ok {
					t.Errorf("%s of %.10q: Verify of another password = %v, %v; want false", kind, password, ok, err)
				}
			}
			if len(stored) > 255 {
				t.Errorf("%s: %d bytes do not fit the reference's column", kind, len(stored))
			}
		}
	}
}

// Two long passwords that differ only in their last byte are two passwords, whatever the hash.
func TestLongPasswordsDiffer(t *testing.T) {
	for _, kind := range []Kind{Argon2id, PBKDF2SHA512, Bcrypt} {
		h := newHasher(t, cheap(kind))
		for _, length := range []int{71, 72, 73, 4096} {
			common := strings.Repeat("x", length-1)
			stored := hashOf(t, h, common+"a")
			if ok, _, _ := h.Verify(stored, common+"b"); ok {
				t.Errorf("%s: passwords of %d bytes that differ in the last one verify alike", kind, length)
			}
		}
	}
}

func TestHashForms(t *testing.T) {
	salts := strings.NewReader(strings.Repeat("s", 2*saltSize))
	for _, tt := range []struct {
		settings Settings
		password string
		prefix   string
	}{
		{cheap(Argon2id), "p", ":argon2:$argon2id$v=19$m=8,t=1,p=1$c3Nzc3Nzc3Nzc3Nzc3Nzcw$"},
		{cheap(PBKDF2SHA512), "p", ":pbkdf2:sha512:2:64:c3Nzc3Nzc3Nzc3Nzc3Nzcw==:"},
		{cheap(Bcrypt), "p", ":bcrypt:4$"},
		{cheap(Bcrypt), strings.Repeat("x", 71), ":bcrypt:4$"},
		{cheap(Bcrypt), strings.Repeat("x", 72), ":bcrypt-sha384:4$"},
		{cheap(Bcrypt), "a\x00b", ":bcrypt-sha384:4$"},
	} {
		h, err := NewHasher(tt.settings, salts)
		if err != nil {
			t.Fatal(err)
		}
		if stored := hashOf(t, h, tt.password); !strings.HasPrefix(stored, tt.prefix) {
			t.Errorf("Hash = %s, want %s…", stored, tt.prefix)
		}
	}
	h, err := NewHasher(cheap(Argon2id), bytes.NewReader(nil))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Hash("p"); err == nil {
		t.Error("Hash without a salt succeeded")
	}
}

func TestNeedsRehash(t *testing.T) {
	settings := Settings{PBKDF2Iterations: 10, BcryptCost: 5, Argon2Memory: 16, Argon2Passes: 2, AllowWeak: true}
	with := func(change func(*Settings)) Settings {
		s := settings
		change(&s)
		return s
	}
	for _, tt := range []struct {
		name           string
		made, required Settings
		want           bool
	}{
		{"argon2id as required", settings, settings, false},
		{"less memory", with(func(s *Settings) { s.Argon2Memory = 15 }), settings, true},
		{"fewer passes", with(func(s *Settings) { s.Argon2Passes = 1 }), settings, true},
		{"more of both stays", with(func(s *Settings) { s.Argon2Memory, s.Argon2Passes = 32, 3 }), settings, false},
		{"another kind", with(func(s *Settings) { s.Default = Bcrypt }), settings, true},
		{"fewer iterations", with(func(s *Settings) { s.Default, s.PBKDF2Iterations = PBKDF2SHA512, 9 }),
			with(func(s *Settings) { s.Default = PBKDF2SHA512 }), true},
		{"more iterations stay", with(func(s *Settings) { s.Default, s.PBKDF2Iterations = PBKDF2SHA512, 11 }),
			with(func(s *Settings) { s.Default = PBKDF2SHA512 }), false},
		{"lower bcrypt cost", with(func(s *Settings) { s.Default, s.BcryptCost = Bcrypt, 4 }),
			with(func(s *Settings) { s.Default = Bcrypt }), true},
		{"higher bcrypt cost stays", with(func(s *Settings) { s.Default, s.BcryptCost = Bcrypt, 6 }),
			with(func(s *Settings) { s.Default = Bcrypt }), false},
		{"pbkdf2 to argon2id", with(func(s *Settings) { s.Default = PBKDF2SHA512 }), settings, true},
	} {
		stored := hashOf(t, newHasher(t, tt.made), vectorPassword)
		ok, stale, err := newHasher(t, tt.required).Verify(stored, vectorPassword)
		if err != nil || !ok || stale != tt.want {
			t.Errorf("%s: Verify = %v, %v, %v; want true, %v, nil", tt.name, ok, stale, err, tt.want)
		}
	}
}

// importedBcrypt stores password as the reference does, which hashes however much bcrypt reads of it.
func importedBcrypt(t *testing.T, password string) string {
	t.Helper()
	out, err := bcrypt.GenerateFromPassword([]byte(bcryptCut(password)), minBcryptCost)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf(":bcrypt:%d$%s$%s", minBcryptCost, out[7:29], out[29:])
}

// Bcrypt as the reference stores it reads 72 bytes, up to a zero byte. Such a match says nothing of the rest, so the rest must
// not become the password.
func TestImportedBcryptIsCut(t *testing.T) {
	h := newHasher(t, cheap(Argon2id))
	full := strings.Repeat("x", 72)
	for _, tt := range []struct {
		made, typed string
		ok, stale   bool
	}{
		{full[:71], full[:71], true, true},
		{full, full, true, false},
		{full, full + "anything", true, false},
		{full + "tail", full + "other tail", true, false},
		{full, full[:71], false, false},
		{"Ab3", "Ab3\x00rest", true, false},
		{"Ab3", "Ab3rest", false, false},
	} {
		ok, stale, err := h.Verify(importedBcrypt(t, tt.made), tt.typed)
		if err != nil || ok != tt.ok || stale != tt.stale {
			t.Errorf("Verify(%.8q…, %d bytes) = %v, %v, %v; want %v, %v", tt.made, len(tt.typed), ok, stale, err, tt.ok, tt.stale)
		}
	}
}

func TestVerifyRefusesBadStrings(t *testing.T) {
	h := newHasher(t, cheap(Argon2id))
	salt, digest := "c2FsdHNhbHRzYWx0", strings.Repeat("A", 42)+"A"
	bsalt, bhash := strings.Repeat("a", 22), strings.Repeat("b", 31)
	for _, tt := range []struct {
		stored string
		want   error
	}{
		{"x", ErrUnknownFormat},
		{":", ErrMalformed},
		{":A", ErrMalformed},
		{":A:", ErrMalformed},
		{":A:6851c690e3332d785d2d63351a14d06", ErrMalformed},
		{":A:6851c690e3332d785d2d63351a14d06g", ErrMalformed},
		{"6851c690e3332d785d2d63351a14d06g", ErrMalformed},
		{":B:6851c690e3332d785d2d63351a14d06f", ErrMalformed},
		{":B:a:b:6851c690e3332d785d2d63351a14d06f", ErrMalformed},
		{":crypt:x", ErrUnknownFormat},
		{":secretly:aes-256-cbc:0:iv:data", ErrUnknownFormat},
		{":pbkdf2:sha512:2:64:AAAA", ErrMalformed},
		{":pbkdf2:whirlpool:2:16:AAAA:AAAAAAAAAAAAAAAAAAAAAA==", ErrUnknownFormat},
		{":pbkdf2:sha256:0:16:AAAA:AAAAAAAAAAAAAAAAAAAAAA==", ErrMalformed},
		{":pbkdf2:sha256:-1:16:AAAA:AAAAAAAAAAAAAAAAAAAAAA==", ErrMalformed},
		{":pbkdf2:sha256:+1:16:AAAA:AAAAAAAAAAAAAAAAAAAAAA==", ErrMalformed},
		{":pbkdf2:sha256:1:15:AAAA:AAAAAAAAAAAAAAAAAAAA", ErrMalformed},
		{":pbkdf2:sha256:1:16:AAAA:AAAAAAAAAAAAAAAAAAAA", ErrMalformed},
		{":pbkdf2:sha256:1:16:%:AAAAAAAAAAAAAAAAAAAAAA==", ErrMalformed},
		{":pbkdf2:sha256:5000001:16:AAAA:AAAAAAAAAAAAAAAAAAAAAA==", ErrTooCostly},
		{":pbkdf2:md5:2500001:32:AAAA:" + strings.Repeat("A", 43) + "=", ErrTooCostly},
		{":pbkdf2:sha256:99999999999999999999:16:AAAA:AAAAAAAAAAAAAAAAAAAAAA==", ErrTooCostly},
		{":pbkdf2:sha256:1:257:AAAA:AAAAAAAAAAAAAAAAAAAAAA==", ErrTooCostly},
		{":pbkdf2-legacyA:!sha512:1:16!s!AAAA!AAAAAAAAAAAAAAAAAAAAAA==", ErrMalformed},
		{":pbkdf2-legacyA:x!sha512:1:16!!AAAA!AAAAAAAAAAAAAAAAAAAAAA==", ErrMalformed},
		{":pbkdf2-legacyA:!sha512:1!!AAAA!AAAAAAAAAAAAAAAAAAAAAA==", ErrMalformed},
		{":pbkdf2-legacyB:!sha512:1:16!AAAA!AAAAAAAAAAAAAAAAAAAAAA==", ErrMalformed},
		{":bcrypt:3$" + bsalt + "$" + bhash, ErrMalformed},
		{":bcrypt:17$" + bsalt + "$" + bhash, ErrTooCostly},
		{":bcrypt:9$" + bsalt + bhash, ErrMalformed},
		{":bcrypt:9$" + bsalt[1:] + "$" + bhash, ErrMalformed},
		{":bcrypt:9$" + bsalt[1:] + "=$" + bhash, ErrMalformed},
		{":bcrypt:x$" + bsalt + "$" + bhash, ErrMalformed},
		{":argon2:$argon2d$v=19$m=8,t=1,p=1$" + salt + "$" + digest, ErrUnknownFormat},
		{":argon2:$argon2id$v=16$m=8,t=1,p=1$" + salt + "$" + digest, ErrUnknownFormat},
		{":argon2:$argon2id$m=8,t=1,p=1$" + salt + "$" + digest, ErrMalformed},
		{":argon2:$argon2id$v=19$m=8,t=1$" + salt + "$" + digest, ErrMalformed},
		{":argon2:$argon2id$v=19$t=1,m=8,p=1$" + salt + "$" + digest, ErrMalformed},
		{":argon2:$argon2id$v=19$m=7,t=1,p=1$" + salt + "$" + digest, ErrMalformed},
		{":argon2:$argon2id$v=19$m=8,t=0,p=1$" + salt + "$" + digest, ErrMalformed},
		{":argon2:$argon2id$v=19$m=8,t=1,p=0$" + salt + "$" + digest, ErrMalformed},
		{":argon2:$argon2id$v=19$m=16,t=1,p=3$" + salt + "$" + digest, ErrMalformed},
		{":argon2:$argon2id$v=19$m=262145,t=1,p=1$" + salt + "$" + digest, ErrTooCostly},
		{":argon2:$argon2id$v=19$m=262144,t=9,p=1$" + salt + "$" + digest, ErrTooCostly},
		{":argon2:$argon2id$v=19$m=8,t=65,p=1$" + salt + "$" + digest, ErrTooCostly},
		{":argon2:$argon2id$v=19$m=1024,t=1,p=17$" + salt + "$" + digest, ErrTooCostly},
		{":argon2:$argon2id$v=19$m=8,t=1,p=1$" + salt[:8] + "$" + digest, ErrMalformed},
		{":argon2:$argon2id$v=19$m=8,t=1,p=1$" + salt + "$" + digest[:8], ErrMalformed},
		{strings.Repeat("A", maxStored+1), ErrMalformed},
	} {
		ok, stale, err := h.Verify(tt.stored, vectorPassword)
		if ok || stale || !errors.Is(err, tt.want) {
			t.Errorf("Verify(%.70q) = %v, %v, %v; want %v", tt.stored, ok, stale, err, tt.want)
		}
		if err != nil && strings.Contains(err.Error(), "AAAA") {
			t.Errorf("the error %q repeats the hash", err)
		}
		if err := Recognize(tt.stored); !errors.Is(err, tt.want) {
			t.Errorf("Recognize(%.70q) = %v; want %v", tt.stored, err, tt.want)
		}
	}
}

func TestEmptyStoredMatchesNothing(t *testing.T) {
	h := newHasher(t, cheap(Argon2id))
	for _, password := range []string{"", "x"} {
		if ok, stale, err := h.Verify("", password); ok || stale || err != nil {
			t.Errorf("Verify(\"\", %q) = %v, %v, %v; want false, false, nil", password, ok, stale, err)
		}
	}
	if err := Recognize(""); err != nil {
		t.Errorf("Recognize(\"\") = %v", err)
	}
}

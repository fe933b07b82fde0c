package auth

import (
	"bytes"
	"strings"
	"testing"
)

// FuzzPassDigest holds that a code is found however it is typed, and that what is no code has no digest.
func FuzzPassDigest(f *testing.F) {
	f.Add("abcd-EFGH-2345-6723-4567-ABCD-EA", []byte("0123456789abcdef"))
	f.Add(" a\tb-\n", []byte{})
	f.Add("========", bytes.Repeat([]byte{0xff}, passBytes))
	f.Fuzz(func(t *testing.T, typed string, secret []byte) {
		if digest, ok := PassDigest(typed); ok != (digest != "") {
			t.Errorf("%q: %q, %v", typed, digest, ok)
		}
		code, err := newPassCode(bytes.NewReader(secret))
		if (err == nil) != (len(secret) >= passBytes) {
			t.Fatalf("%d bytes: %v", len(secret), err)
		}
		if err != nil {
			return
		}
		want, ok := PassDigest(code)
		for _, spelling := range []string{strings.ToLower(code), strings.ReplaceAll(code, "-", ""), " " + strings.ReplaceAll(code, "-", "\t")} {
			if got, found := PassDigest(spelling); !ok || !found || got != want {
				t.Errorf("%q is not %q", spelling, code)
			}
		}
		if _, ok := PassDigest(code + "A"); ok {
			t.Errorf("%q with one letter more is a code", code)
		}
	})
}

package totp

import (
	"encoding/base32"
	"testing"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"gatehouse/auth"
)

func encoded(secret string) string {
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString([]byte(secret))
}

// TestHOTPVectors (row 44 of the security checklist) are those of RFC 4226, appendix D.
func TestHOTPVectors(t *testing.T) {
	secret := encoded("12345678901234567890")
	for step, code := range []string{"755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"} {
		for other := range int64(10) {
			if got := hasCode(secret, code, other); got != (other == int64(step)) {
				t.Errorf("code %s at %d: %v", code, other, got)
			}
		}
	}
}

// TestTOTPVectors (row 44 of the security checklist) are those of RFC 6238, appendix B, for its three hash functions. Codes
// of eight digits end in the six that we use.
func TestTOTPVectors(t *testing.T) {
	secrets := map[otp.Algorithm]string{
		otp.AlgorithmSHA1:   "12345678901234567890",
		otp.AlgorithmSHA256: "12345678901234567890123456789012",
		otp.AlgorithmSHA512: "1234567890123456789012345678901234567890123456789012345678901234",
	}
	for _, v := range []struct {
		at                   int64
		sha1, sha256, sha512 string
	}{
		{59, "94287082", "46119246", "90693936"},
		{1111111109, "07081804", "68084774", "25091201"},
		{1111111111, "14050471", "67062674", "99943326"},
		{1234567890, "89005924", "91819424", "93441116"},
		{2000000000, "69279037", "90698825", "38618901"},
		{20000000000, "65353130", "77737706", "47863826"},
	} {
		now := time.Unix(v.at, 0)
		for algorithm, want := range map[otp.Algorithm]string{
			otp.AlgorithmSHA1: v.sha1, otp.AlgorithmSHA256: v.sha256, otp.AlgorithmSHA512: v.sha512,
		} {
			got, err := hotp.GenerateCodeCustom(encoded(secrets[algorithm]), uint64(stepAt(now)), hotp.ValidateOpts{Digits: otp.DigitsEight, Algorithm: algorithm})
			if err != nil || got != want {
				t.Errorf("%s at %d: %s, %v", algorithm, v.at, got, err)
			}
		}
		if step := matchingStep(encoded(secrets[otp.AlgorithmSHA1]), v.sha1[2:], now, 0); step != stepAt(now) {
			t.Errorf("six digits at %d: step %d", v.at, step)
		}
	}
}

// TestDrift (row 44 of the security checklist): one step in both directions, and none that was used or is older than one that
// was.
func TestDrift(t *testing.T) {
	secret, now := encoded("12345678901234567890"), time.Unix(1234567890, 0)
	current := stepAt(now)
	code := func(step int64) string {
		c, err := hotp.GenerateCodeCustom(secret, uint64(step), hotp.ValidateOpts{Digits: digits, Algorithm: otp.AlgorithmSHA1})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	for _, tt := range []struct {
		off, used, want int64
	}{
		{-2, 0, 0}, {-1, 0, current - 1}, {0, 0, current}, {1, 0, current + 1}, {2, 0, 0},
		{0, current - 1, current}, {0, current, 0}, {-1, current, 0}, {1, current, current + 1}, {1, current + 1, 0},
	} {
		if got := matchingStep(secret, code(current+tt.off), now, tt.used); got != tt.want {
			t.Errorf("code of step %+d, used %d: %d, want %d", tt.off, tt.used, got, tt.want)
		}
	}
	for _, wrong := range []string{"", "12345", "1234567", "abcdef", "١٢٣٤٥٦"} {
		if got := matchingStep(secret, wrong, now, 0); got != 0 {
			t.Errorf("%q is step %d", wrong, got)
		}
	}
}

func TestKeyURI(t *testing.T) {
	for _, tt := range [][3]string{
		{"Wiki", "Alice", "otpauth://totp/Wiki:Alice?secret=ABC&issuer=Wiki"},
		{"My wiki: a & b", "Éa/b?c", "otpauth://totp/My%20wiki%20a%20&%20b:%C3%89a%2Fb%3Fc?secret=ABC&issuer=My%20wiki%20a%20%26%20b"},
	} {
		if got := keyURI(tt[0], tt[1], "ABC"); got != tt[2] {
			t.Errorf("%s at %s: %s", tt[1], tt[0], got)
		}
	}
}

func TestWhatIsTyped(t *testing.T) {
	for typed, want := range map[string]string{" 123 456\t": "123456", "abcd-efgh": "ABCDEFGH", "  ": "", "12\u00a034": "1234"} {
		if got := compact(typed); got != want {
			t.Errorf("%q: %q", typed, got)
		}
	}
	if got := grouped("ABCDEFGHIJ"); got != "ABCD EFGH IJ" {
		t.Errorf("groups: %q", got)
	}
	for typed, ok := range map[string]bool{
		"JBSWY3DPEHPK3PXP": true, "jbsw y3dp ehpk 3pxp": true, "JBSWY3DPEHPK3PXP====": true,
		"JBSWY3DPEHPK3PX": false, "JBSWY3DPEHPK3PX1": false, "": false,
	} {
		if _, err := cleanSecret(typed); (err == nil) != ok {
			t.Errorf("secret %q: %v", typed, err)
		}
	}
}

// FuzzCompact: whatever is typed, nothing breaks, and what was cleaned once stays.
func FuzzCompact(f *testing.F) {
	f.Add("JBSW Y3DP EHPK 3PXP")
	f.Add("123 456")
	f.Fuzz(func(t *testing.T, typed string) {
		once := compact(typed)
		if compact(once) != once {
			t.Errorf("%q changes again", typed)
		}
		matchingStep("JBSWY3DPEHPK3PXP", once, time.Unix(59, 0), 0)
		isRecovery(typed, once)
		cleanSecret(typed)
		auth.FactorName(typed)
	})
}

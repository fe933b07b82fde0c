package settings

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"
)

func TestDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0s": 0, "0d": 0, "1s": time.Second, "90s": 90 * time.Second, "5m": 5 * time.Minute, "24h": day, "7d": 7 * day,
		"1d12h": 36 * time.Hour, "1h30m": 90 * time.Minute, "1.5h": 90 * time.Minute, "106751d": 106751 * day,
	} {
		if got, err := ParseDuration(text); err != nil || time.Duration(got) != want {
			t.Errorf("%q gives %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "d", "5", "-5m", "+5m", "1d-1h", "1d+1h", "-1d", "5 m", "5x", "infinite", "106752d", "106751d24h", "99999999999d", "1h1d", "1dd"} {
		if got, err := ParseDuration(text); err == nil {
			t.Errorf("%q gives %v", text, got)
		}
	}
	for d, want := range map[time.Duration]string{
		day: "24h", 5 * time.Minute: "5m", 90 * time.Second: "1m30s", 0: "0s", 90 * time.Minute: "1h30m", time.Hour + time.Second: "1h0m1s",
		20 * time.Second: "20s", 10 * time.Minute: "10m", 100 * time.Hour: "100h",
	} {
		if got := Duration(d).String(); got != want {
			t.Errorf("%v writes %q, want %q", d, got, want)
		}
	}
}

func TestSize(t *testing.T) {
	for text, want := range map[string]Size{
		"0B": 0, "1B": 1, "1023B": 1023, "1KiB": 1024, "19MiB": 19 * MiB, "4GiB": 4 * GiB, "8589934591GiB": 8589934591 * GiB,
	} {
		var s Size
		if err := s.UnmarshalText([]byte(text)); err != nil || s != want {
			t.Errorf("%q gives %v, %v", text, s, err)
		}
	}
	for _, text := range []string{"", "B", "1", "1.5MiB", "-1B", "+1B", "1MB", "1 MiB", "1KiBB", "8589934592GiB", "9223372036854775808B"} {
		var s Size
		if err := s.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q gives %v", text, s)
		}
	}
	for s, want := range map[Size]string{0: "0B", 1: "1B", 1024: "1KiB", 1025: "1025B", 19 * MiB: "19MiB", math.MaxInt64: "9223372036854775807B"} {
		if got := s.String(); got != want {
			t.Errorf("%d writes %q, want %q", int64(s), got, want)
		}
	}
}

func FuzzDuration(f *testing.F) {
	for _, seed := range []string{"1d", "24h", "1h30m", "1d1ns", "106751d23h", "0.5s"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := ParseDuration(text)
		if err != nil {
			return
		}
		if back, err := ParseDuration(d.String()); d < 0 || err != nil || back != d {
			t.Errorf("%q is %v, which reads back as %v, %v", text, d, back, err)
		}
	})
}

// TestSecretsDoNotPrint prints secrets in every way that logs and faults do.
func TestSecretsDoNotPrint(t *testing.T) {
	values := []any{
		Secret("hush"), SecretURL("postgres://u:hush@h/db"), SecretURL("postgres://u@h/db?password=hush"), SecretURL("u:hush@h:25"),
		SecretURL("hush"), SecretURL("smtp://u:hush@h:port"), SecretURL("smtp:hush"), SecretURL("postgres://h/?sslpassword=hush"),
		struct{ S Secret }{"hush"},
	}
	for _, v := range values {
		var b strings.Builder
		fmt.Fprintf(&b, "%v %+v %#v %s %q", v, v, v, v, v)
		slog.New(slog.NewTextHandler(&b, nil)).Info("x", "v", v)
		slog.New(slog.NewJSONHandler(&b, nil)).Info("x", "v", v)
		j, err := json.Marshal(v)
		if err != nil {
			t.Error(err)
		}
		b.Write(j)
		b.WriteString(Show(v))
		if strings.Contains(b.String(), "hush") {
			t.Errorf("shown: %s", b.String())
		}
	}
}

func TestSecretsThatMayPrint(t *testing.T) {
	for _, text := range []string{"", "sqlite:gatehouse.db", "sqlite:/a b%zz/c", "memory:", "postgres://u@h/db?sslmode=disable", "smtp://h:25", "file:/x"} {
		if s := SecretURL(text); s.String() != text || s.Carries() {
			t.Errorf("%q prints %q", text, s.String())
		}
	}
	if s := Secret("file:/x"); s.String() != "file:/x" || s.Carries() || Secret("").Carries() || !Secret("x").Carries() {
		t.Error("a reference counts as a secret")
	}
	if got := SecretURL("postgres://u:p@h/db?sslmode=disable").String(); got != "postgres://u:xxxxx@h/db?sslmode=disable" {
		t.Errorf("got %s", got)
	}
}

func TestShow(t *testing.T) {
	for _, c := range []struct {
		v    any
		want string
	}{
		{"", `""`}, {"a", `"a"`}, {int64(3), "3"}, {true, "true"}, {Duration(day), `"24h"`}, {[]string{"a"}, "[a]"},
		{strings.Repeat("ä", 60), `"` + strings.Repeat("ä", 39) + "…"},
	} {
		if got := Show(c.v); got != c.want {
			t.Errorf("%v shows %s, want %s", c.v, got, c.want)
		}
	}
}

func TestNearest(t *testing.T) {
	for _, c := range []struct {
		name string
		from []string
		want string
	}{
		{"x", nil, ""},
		{"kitten", []string{"sitting", "mitten"}, "mitten"},
		{"listen", []string{"list", "server.listen"}, "list"},
		{strings.Repeat("x", 5000), []string{"a", "b"}, "a"},
	} {
		if got := nearest(c.name, c.from); got != c.want {
			t.Errorf("nearest to %.20q is %q, want %q", c.name, got, c.want)
		}
	}
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"kitten", "sitting", 3}, {"ab", "ba", 2}, {"same", "same", 0}} {
		if got := edits(c.a, c.b); got != c.want {
			t.Errorf("edits(%q, %q) = %d", c.a, c.b, got)
		}
	}
}

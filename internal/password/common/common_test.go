package common

import (
	"bytes"
	"strings"
	"testing"
)

func TestContains(t *testing.T) {
	tests := []struct {
		password string
		want     bool
	}{
		{"password", true},
		{"PASSWORD", true},
		{"PassWord", true},
		{"password1", true},
		{"Password2031", true},
		{"short", true},
		{"12345678", true},
		{"iloveyou", true},
		{"abc12345", true},
		{"abc67890", true}, // the stem "abc" is listed
		{"QWERTYUIOP", true},

		{"", false},
		{"your_password", false}, // what the documented example sends
		{"password_1", false},
		{"pass word", false},
		{" password", false},
		{"1password-", false},
		{"Corr3ct-horse", false},
		{"20310927", false}, // digits alone have no stem to fold to
		{"pässwörd", false},
	}
	for _, tt := range tests {
		if got := Contains(tt.password); got != tt.want {
			t.Errorf("Contains(%q) = %v, want %v", tt.password, got, tt.want)
		}
	}
}

func TestListIsSortedAndSmall(t *testing.T) {
	n := len(list) / entrySize
	if len(list)%entrySize != 0 || n < 40_000 || len(list) > 400_000 {
		t.Fatalf("list.bin has %d bytes", len(list))
	}
	for i := 1; i < n; i++ {
		if at(i-1) >= at(i) {
			t.Fatalf("entry %d is not above the one before it", i)
		}
	}
}

func TestBuild(t *testing.T) {
	got := Build([]string{"Dragon", "dragon99", "7777777", "dragon", "a1"})
	if len(got) != 3*entrySize { // dragon, 7777777, a1
		t.Errorf("Build made %d bytes, want %d", len(got), 3*entrySize)
	}
	if !bytes.Equal(got, Build([]string{"a1", "7777777", "DRAGON1"})) {
		t.Error("the order or spelling of the words changes the list")
	}
}

func TestStem(t *testing.T) {
	for password, want := range map[string]string{"Ab1": "ab", "1a": "1a", "123": "", "": "", "a1b22": "a1b"} {
		if got := Stem(password); got != want {
			t.Errorf("Stem(%q) = %q, want %q", password, got, want)
		}
	}
}

func TestLongInput(t *testing.T) {
	if Contains(strings.Repeat("a1", 1<<15)) {
		t.Error("a long text is on the list")
	}
}

package keyring

import (
	"bytes"
	"encoding/hex"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestMasterFileIsMade(t *testing.T) {
	store, path := &memoryStore{}, filepath.Join(t.TempDir(), "example.key")
	k := mustOpen(t, Config{Store: store, MasterFile: path})
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, %v", info.Mode(), err)
	}
	content, err := os.ReadFile(path)
	if err != nil || len(content) != 65 {
		t.Fatalf("%d bytes, %v", len(content), err)
	}
	if k.Unprotected() {
		t.Error("a wrapped key counts as unprotected")
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}

	id, tag := mustMAC(t, k, "p")
	again := mustOpen(t, Config{Store: store, MasterFile: path})
	if !again.Verify("p", id, tag) {
		t.Error("after a restart the key is another")
	}
	if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, content) {
		t.Error("the file changed")
	}
}

// What lies in the store must not be the key itself, nor follow from it without the file.
func TestRowsAreWrapped(t *testing.T) {
	store := &memoryStore{}
	secret := bytes.Repeat([]byte{7}, secretSize)
	path := filepath.Join(t.TempDir(), "key")
	mustOpen(t, Config{Store: store, MasterFile: path, Random: bytes.NewReader(bytes.Repeat([]byte{7}, 2*secretSize))})
	if bytes.Contains(store.rows[0].Wrapped, secret) {
		t.Error("the key lies in the store in clear")
	}
}

func TestMasterFileFaults(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := strings.Repeat("0f", secretSize)
	wrapped := &memoryStore{}
	mustOpen(t, Config{Store: wrapped, MasterFile: write("right", good)})
	open := &memoryStore{}
	mustOpen(t, Config{Store: open})

	tests := []struct {
		name  string
		store *memoryStore
		path  string
		want  string // in the error; empty = none
	}{
		{"lost", wrapped, filepath.Join(dir, "lost"), "lost"},
		{"another", wrapped, write("another", strings.Repeat("f0", secretSize)), "another master key"},
		{"none configured", wrapped, "", "no master key file"},
		{"empty", &memoryStore{}, write("empty", ""), "64 hexadecimal digits"},
		{"short", &memoryStore{}, write("short", good[1:]), "64 hexadecimal digits"},
		{"long", &memoryStore{}, write("long", good+"00"), "64 hexadecimal digits"},
		{"no digits", &memoryStore{}, write("letters", strings.Repeat("xy", secretSize)), "64 hexadecimal digits"},
		{"huge", &memoryStore{}, write("huge", strings.Repeat("00", maxMasterFile)), "64 hexadecimal digits"},
		{"no folder", &memoryStore{}, filepath.Join(dir, "no", "key"), "no such file"},
		{"blanks around it", &memoryStore{}, write("blanks", "\r\n "+strings.ToUpper(good)+"\r\n"), ""},
		{"keys from before there was a master key", open, filepath.Join(dir, "new"), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Open(t.Context(), Config{Store: tt.store, MasterFile: tt.path})
			switch {
			case tt.want == "" && err != nil:
				t.Errorf("error %v", err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("error %v, want one with %q", err, tt.want)
			case err != nil && strings.Contains(err.Error(), good[:16]):
				t.Errorf("the error shows the key: %v", err)
			}
		})
	}
	if _, err := os.Stat(filepath.Join(dir, "lost")); err == nil {
		t.Error("a new file hides that the old one is lost")
	}
}

func TestReadableMasterFileWarns(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, []byte(strings.Repeat("00", secretSize)), 0o644); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	config := Config{Store: &memoryStore{}, MasterFile: path, Logger: slog.New(slog.NewTextHandler(&log, nil))}
	mustOpen(t, config)
	if !strings.Contains(log.String(), "level=WARN") || !strings.Contains(log.String(), path) {
		t.Errorf("log: %s", log.String())
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	log.Reset()
	mustOpen(t, config)
	if strings.Contains(log.String(), "WARN") {
		t.Errorf("log: %s", log.String())
	}
}

func TestProcessesThatStartAtOnceShareTheFile(t *testing.T) {
	store, path := &memoryStore{}, filepath.Join(t.TempDir(), "key")
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := Open(t.Context(), Config{Store: store, MasterFile: path}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

// Who configures a master key later gets keys that it protects, without a break.
func TestLateMasterKey(t *testing.T) {
	store, now := &memoryStore{}, newClock()
	config := Config{Store: store, Clock: now.Now}
	before := mustOpen(t, config)
	if !before.Unprotected() {
		t.Error("without a file the keys count as protected")
	}
	id, tag := mustMAC(t, before, "p")

	config.MasterFile = filepath.Join(t.TempDir(), "key")
	k := mustOpen(t, config)
	if !k.Unprotected() || !k.Verify("p", id, tag) {
		t.Error("the old key is not in use")
	}
	if err := k.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	now.advance(defaultSignDelay + time.Second)
	if k.Unprotected() || !k.Verify("p", id, tag) {
		t.Error("the old key still signs, or does not verify")
	}
	if err := k.Refresh(t.Context()); err != nil || len(store.rows) != 2 {
		t.Errorf("%d keys, %v", len(store.rows), err)
	}
}

func TestCopyNewNeverOverwrites(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	if err := copyNew(path, []byte(hex.EncodeToString([]byte("a")))); err != nil {
		t.Fatal(err)
	}
	if err := copyNew(path, []byte("b")); !os.IsExist(err) {
		t.Errorf("error %v, want that the file exists", err)
	}
	if content, err := os.ReadFile(path); err != nil || string(content) != "61" {
		t.Errorf("content %q, %v", content, err)
	}
}

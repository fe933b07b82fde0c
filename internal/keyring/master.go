package keyring

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
)

// maxMasterFile bounds what is read of a file that may be anything.
const maxMasterFile = 4096

// readMaster reads 64 hexadecimal digits. Errors name the path and never the content.
func readMaster(path string, log *slog.Logger) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Mode().Perm()&0o077 != 0 {
		log.LogAttrs(context.Background(), slog.LevelWarn, "other users of this machine may read the master key",
			slog.String("file", path), slog.String("mode", info.Mode().Perm().String()))
	}
	text, err := io.ReadAll(io.LimitReader(f, maxMasterFile))
	if err != nil {
		return nil, err
	}
	key := make([]byte, secretSize)
	text = bytes.TrimSpace(text)
	if len(text) != hex.EncodedLen(secretSize) {
		return nil, fmt.Errorf("%s: want %d hexadecimal digits", path, hex.EncodedLen(secretSize))
	}
	if _, err := hex.Decode(key, text); err != nil {
		return nil, fmt.Errorf("%s: want %d hexadecimal digits", path, hex.EncodedLen(secretSize))
	}
	return key, nil
}

// makeMaster makes the file unless somebody else does so first. It appears under its name only once it is complete, so
// that nobody reads half of it and a crash leaves no empty one.
func makeMaster(path string, random io.Reader) error {
	var key [secretSize]byte
	if _, err := io.ReadFull(random, key[:]); err != nil {
		return fmt.Errorf("make master key: %w", err)
	}
	content := append(hex.AppendEncode(nil, key[:]), '\n')
	tmp, err := writeBeside(path, content)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer os.Remove(tmp)
	err = os.Link(tmp, path)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		err = copyNew(path, content) // a file system without hard links
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return syncDir(filepath.Dir(path))
}

// writeBeside writes content to a new file (O_EXCL, mode 0600) in path's folder and gives its name.
func writeBeside(path string, content []byte) (string, error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return "", err
	}
	return f.Name(), fill(f, content)
}

// copyNew writes content to path itself, if nobody else has.
func copyNew(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	return fill(f, content)
}

// fill writes and closes a new file; a file that could not be filled is removed.
func fill(f *os.File, content []byte) error {
	_, err := f.Write(content)
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		err = errors.Join(err, os.Remove(f.Name()))
	}
	return err
}

// syncDir makes the new name durable: the keys in the store are worthless without the file.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

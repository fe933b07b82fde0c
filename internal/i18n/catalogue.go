package i18n

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"gatehouse/internal/message"
)

func readFile(files fs.FS, name string) (map[message.Key]string, error) {
	data, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	texts, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("parse %s: %w", name, err)
	}
	return texts, nil
}

// parse reads one JSON object of texts. It is stricter than encoding/json: a key that occurs twice, which there would
// silently win over the first, is an error, and so is a value that is no string.
func parse(data []byte) (map[message.Key]string, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, errors.Join(errors.New("not a JSON object"), err)
	}
	texts := map[message.Key]string{}
	for d.More() {
		key, err := text(d)
		if err != nil {
			return nil, err
		}
		if _, twice := texts[message.Key(key)]; twice {
			return nil, fmt.Errorf("key %q occurs twice", key)
		}
		if texts[message.Key(key)], err = text(d); err != nil {
			return nil, fmt.Errorf("text of %q: %w", key, err)
		}
	}
	if _, err := d.Token(); err != nil {
		return nil, fmt.Errorf("read the end of the object: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the object")
	}
	return texts, nil
}

func text(d *json.Decoder) (string, error) {
	t, err := d.Token()
	if err != nil {
		return "", fmt.Errorf("read a string: %w", err)
	}
	s, ok := t.(string)
	if !ok {
		return "", fmt.Errorf("%v is not a string", t)
	}
	return s, nil
}

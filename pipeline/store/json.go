package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// WriteJSON writes v as indented JSON, the whole file or none.
func WriteJSON(path string, v any) error {
	return WriteFile(path, func(w io.Writer) error { return encodeJSON(w, v) })
}

// DraftJSON is WriteJSON for a file that is to be renamed into another folder: its
// content lasts through a power cut, its name need not.
func DraftJSON(path string, v any) error {
	file, err := Create(path)
	if err != nil {
		return err
	}
	file.draft = true
	return writeAndCommit(file, func(w io.Writer) error { return encodeJSON(w, v) })
}

func encodeJSON(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}

// WrittenAs reports whether a file holds exactly what WriteJSON writes of v:
// readers of JSON overlook the case of keys and more.
func WrittenAs(path string, v any) bool {
	found, err := os.ReadFile(path)
	var want bytes.Buffer
	return errors.Join(err, encodeJSON(&want, v)) == nil && bytes.Equal(found, want.Bytes())
}

// quote returns s as a JSON string, < > and & as they are.
func quote(s string) []byte {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(s); err != nil {
		panic("store: a string that JSON cannot hold")
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

// ReadJSON reads a file of one JSON value into v. Unknown keys and anything
// after the value are errors.
func ReadJSON(path string, v any) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(v); err != nil {
		return corrupt(path, "%v", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return corrupt(path, "more than one JSON value")
	}
	return nil
}

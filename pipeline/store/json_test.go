package store

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

type exampleState struct {
	State string  `json:"state"`
	Step  int     `json:"step"`
	Error *string `json:"error,omitempty"`
}

func TestJSONRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.json")
	want := exampleState{State: "<done> & \"dusted\"", Step: 7}
	if err := WriteJSON(path, want); err != nil {
		t.Fatal(err)
	}
	if got := string(mustRead(t, path)); got != "{\n  \"state\": \"<done> & \\\"dusted\\\"\",\n  \"step\": 7\n}\n" {
		t.Errorf("written as %s", got)
	}
	var got exampleState
	if err := ReadJSON(path, &got); err != nil || got != want {
		t.Errorf("%v, %v", got, err)
	}
	if err := WriteJSON(path, func() {}); err == nil {
		t.Error("a function written")
	}
	if err := ReadJSON(path, &got); err != nil || got != want {
		t.Errorf("after a failure: %v, %v", got, err)
	}
}

func TestReadJSONIsStrict(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.json")
	var state exampleState
	if err := ReadJSON(path, &state); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing: %v", err)
	}
	for _, text := range []string{``, `{"state": "x"`, `{"state": 1}`, `{"stat": "x"}`, `{} {}`, `{}x`} {
		mustWrite(t, path, []byte(text))
		if err := ReadJSON(path, &state); !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

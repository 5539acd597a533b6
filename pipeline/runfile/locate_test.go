package runfile

import (
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
)

// Every key of the library is found with its own name under its span, and the
// text of every value means the library's value.
func TestLocateAgreesWithTheLibrary(t *testing.T) {
	difficult := readTestFile(t, "locate", "difficult")
	if _, err := decode(difficult); err != nil {
		t.Fatal(err)
	}
	texts := []string{difficult, strings.ReplaceAll(difficult, "\n", "\r\n"), Template(), "", "\n", "a=1", "[x]", "a=[]", "a={}"}
	for _, kind := range []string{"bad", "good", "several"} {
		for _, name := range testFiles(t, kind) {
			texts = append(texts, readTestFile(t, kind, name))
		}
	}
	for _, text := range texts {
		checkLocated(t, text)
	}
}

// checkLocated compares the located tree of a text that is TOML with the
// library's.
func checkLocated(t *testing.T, text string) {
	t.Helper()
	text = strings.TrimLeft(text, byteOrderMark)
	data, err := decode(text)
	if _, invalid := invalidUTF8(text); invalid || err != nil {
		return
	}
	root, deep := locate(text)
	if deep == (span{}) {
		compareNode(t, text, "", root, data)
	}
}

// compareNode descends into a located tree and the library's side by side.
func compareNode(t *testing.T, text, path string, n *node, data any) {
	t.Helper()
	switch data := data.(type) {
	case map[string]any:
		if len(n.fields) != len(data) || len(n.names) != len(data) {
			t.Fatalf("%s: located %q, want %d fields of %v in\n%s", path, n.names, len(data), data, text)
		}
		for name, value := range data {
			field := n.fields[name]
			if field == nil {
				t.Fatalf("%s.%s was not located in\n%s", path, name, text)
			}
			if got := named(text[field.key.start:field.key.end]); got != name {
				t.Errorf("%s.%s: its key is at %q in\n%s", path, name, got, text)
			}
			compareNode(t, text, path+"."+name, field, value)
		}
	case []map[string]any:
		compareEntries(t, text, path, n, data)
	case []any:
		compareEntries(t, text, path, n, data)
	default:
		compareScalar(t, text, path, n, data)
	}
}

func compareEntries[T any](t *testing.T, text, path string, n *node, data []T) {
	t.Helper()
	if len(n.entries) != len(data) {
		t.Fatalf("%s: %d entries, want %d in\n%s", path, len(n.entries), len(data), text)
	}
	for i, value := range data {
		compareNode(t, text, path, n.entries[i], value)
	}
}

// compareScalar decodes the text at a value's span by itself.
func compareScalar(t *testing.T, text, path string, n *node, data any) {
	t.Helper()
	part := text[n.value.start:n.value.end]
	again, err := decode("v = " + part)
	if err != nil {
		t.Fatalf("%s: %q is not a value: %v", path, part, err)
	}
	if got := again["v"]; got != data && (got == got || data == data) { // nan is not itself
		t.Errorf("%s: the text %q means %v, want %v", path, part, got, data)
	}
}

// named returns the name that a key's text means to the library.
func named(key string) string {
	var data map[string]any
	if _, err := toml.Decode(key+" = 1", &data); err != nil || len(data) != 1 {
		return "no key: " + key
	}
	for name := range data {
		key = name
	}
	return key
}

func TestLocateEntriesOfLists(t *testing.T) {
	text := "a = [ 1.0,\n  \"Tc\", # x\n  [2] ]"
	root, _ := locate(text)
	var got []string
	for _, e := range root.at("a").entries {
		got = append(got, text[e.value.start:e.value.end])
	}
	if want := []string{"1.0", `"Tc"`, "[2]"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// On text that is not TOML the locator comes to an end and stays inside.
func TestLocateEndsOnAnything(t *testing.T) {
	difficult := readTestFile(t, "locate", "difficult")
	for i := range len(difficult) {
		for _, text := range []string{difficult[i:], difficult[:i], difficult[i:] + difficult[:i]} {
			root, _ := locate(text)
			checkSpans(t, text, root)
		}
	}
	for _, text := range []string{
		"[", "[[", "[]", "=", "a", "a=", "a=[", "a={", "a=\"", "a='''", "a=\"\\", "]", "}", ",", "a=]", "a=[}", "a={]",
		"a.", ".", "[.]", "a={,,}", "a=[,,]", "a=[=]", "a={=}", "'", "\"",
	} {
		root, _ := locate(text)
		checkSpans(t, text, root)
	}
}

func checkSpans(t *testing.T, text string, n *node) {
	t.Helper()
	for _, s := range []span{n.key, n.value} {
		if s.start < 0 || s.start > s.end || s.end > len(text) {
			t.Fatalf("span %v in %d bytes: %q", s, len(text), text)
		}
	}
	for _, f := range n.fields {
		checkSpans(t, text, f)
	}
	for _, e := range n.entries {
		checkSpans(t, text, e)
	}
}

// Values that the locator has missed stand where their parent does.
func TestAttachWithoutSpans(t *testing.T) {
	n := newTable()
	n.key = span{3, 5}
	n.attach(map[string]any{"a": []any{int64(1), int64(2)}, "b": map[string]any{"c": true}})
	for _, path := range []string{"a", "b", "b.c"} {
		if got := n.at(path).place(); got != n.key {
			t.Errorf("%s at %v", path, got)
		}
	}
	if e := n.at("a").entries; len(e) != 2 || e[1].place() != n.key || e[1].data != int64(2) {
		t.Errorf("entries %v", e)
	}
}

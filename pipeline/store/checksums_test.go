package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSum(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	mustWrite(t, path, []byte("abc"))
	sum, err := Sum(path)
	// SHA-256 of "abc": FIPS 180-2, appendix B.1.
	want := Checksum{3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}
	if err != nil || sum != want {
		t.Errorf("%v, %v", sum, err)
	}
	if _, err := Sum(path + "y"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
}

func TestRecordAndVerify(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{"changed", "good", "longer", "missing", "truncated"} {
		mustWrite(t, filepath.Join(folder, name), []byte("contents"))
	}
	if err := Verify(folder); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("nothing recorded: %v", err)
	}
	if err := Record(folder, "truncated", "missing", "good"); err != nil {
		t.Fatal(err)
	}
	if err := Record(folder, "changed", "longer", "good"); err != nil {
		t.Fatal(err)
	}
	if err := Verify(folder); err != nil {
		t.Fatalf("untouched: %v", err)
	}
	mustWrite(t, filepath.Join(folder, "changed"), []byte("Contents"))
	mustWrite(t, filepath.Join(folder, "longer"), []byte("contents!"))
	mustWrite(t, filepath.Join(folder, "truncated"), []byte("content"))
	mustWrite(t, filepath.Join(folder, "unknown"), nil)
	if err := os.Remove(filepath.Join(folder, "missing")); err != nil {
		t.Fatal(err)
	}
	err := Verify(folder)
	var integrity *IntegrityError
	if !errors.As(err, &integrity) || !errors.Is(err, ErrCorrupt) || len(integrity.Problems) != 4 {
		t.Fatalf("error %v", err)
	}
	for i, want := range []string{"changed: changed: its SHA-256", "longer: longer: 9 bytes instead of 8", "missing: missing", "truncated: truncated: 7 bytes of 8"} {
		if got := integrity.Problems[i].Name + ": " + integrity.Problems[i].Problem; !strings.HasPrefix(got, want) {
			t.Errorf("problem %d: %s", i, got)
		}
		if !strings.Contains(err.Error(), filepath.Join(folder, integrity.Problems[i].Name)) {
			t.Errorf("message does not name %s:\n%v", integrity.Problems[i].Name, err)
		}
	}
}

func TestVerifyNamedFiles(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{"a", "b", "never"} {
		mustWrite(t, filepath.Join(folder, name), []byte(name))
	}
	if err := Record(folder, "a", "b"); err != nil {
		t.Fatal(err)
	}
	mustWrite(t, filepath.Join(folder, "b"), []byte("B"))
	if err := Verify(folder, "a"); err != nil {
		t.Errorf("a is untouched: %v", err)
	}
	var integrity *IntegrityError
	if err := Verify(folder, "never", "b", "a"); !errors.As(err, &integrity) || len(integrity.Problems) != 2 ||
		integrity.Problems[0] != (FileProblem{"never", "no checksum recorded"}) || integrity.Problems[1].Name != "b" {
		t.Errorf("error %v", err)
	}
}

func TestRecordIsDeterministic(t *testing.T) {
	a, b := t.TempDir(), t.TempDir()
	names := []string{"x", "y", "z"}
	for _, folder := range []string{a, b} {
		for _, name := range names {
			mustWrite(t, filepath.Join(folder, name), []byte(name))
		}
	}
	if err := Record(a, "x", "y", "z"); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"z", "y", "x", "z"} {
		if err := Record(b, name); err != nil {
			t.Fatal(err)
		}
	}
	if string(mustRead(t, filepath.Join(a, ChecksumsFile))) != string(mustRead(t, filepath.Join(b, ChecksumsFile))) {
		t.Error("the order of recording shows")
	}
	sum, ok, err := Recorded(a, "x")
	if want, _ := Sum(filepath.Join(a, "x")); !ok || err != nil || sum != want {
		t.Errorf("x: %v, %v, %v", sum, ok, err)
	}
	if _, ok, err := Recorded(a, "w"); ok || err != nil {
		t.Errorf("w: %v, %v", ok, err)
	}
}

func TestRecordRefuses(t *testing.T) {
	folder := t.TempDir()
	mustWrite(t, filepath.Join(folder, "x"), nil)
	if err := Record(folder, "x"); err != nil {
		t.Fatal(err)
	}
	before := string(mustRead(t, filepath.Join(folder, ChecksumsFile)))
	for _, name := range []string{"missing", "../x", "a/b", "", ".", ChecksumsFile} {
		if Record(folder, "x", name) == nil {
			t.Errorf("%q recorded", name)
		}
	}
	if after := string(mustRead(t, filepath.Join(folder, ChecksumsFile))); after != before {
		t.Errorf("changed by what failed:\n%s", after)
	}
	for text, kind := range map[string]error{
		``:   ErrCorrupt,
		`{}`: ErrCorrupt,
		`{"format": "checksums", "format_version": "1", "files": {"../x": {"size": 0, "sha256": ""}}}`: ErrCorrupt,
		`{"format": "checksums", "format_version": "1", "files": {}, "more": 1}`:                       ErrCorrupt,
		`{"format": "checksums", "format_version": "2", "files": {}}`:                                  ErrVersion,
	} {
		mustWrite(t, filepath.Join(folder, ChecksumsFile), []byte(text))
		if err := Verify(folder); !errors.Is(err, kind) {
			t.Errorf("%s: %v", text, err)
		}
		// A damaged list is begun anew, one of another version is left alone.
		if err := Record(folder, "x"); (err == nil) != (kind == ErrCorrupt) {
			t.Errorf("%s: recording gave %v", text, err)
		}
	}
}

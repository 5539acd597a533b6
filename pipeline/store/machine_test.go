package store

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// exampleMachine has different values everywhere, among them the odd ones.
func exampleMachine(visible, hidden int) MachineArrays {
	m := MachineArrays{visible, hidden, make([]float32, visible*hidden), make([]float32, visible), make([]float32, hidden)}
	for i := range m.Weights {
		m.Weights[i] = float32(i) / 7
	}
	for i := range m.VisibleBias {
		m.VisibleBias[i] = -float32(i) * 1e-30
	}
	m.HiddenBias[0] = float32(math.Inf(-1))
	return m
}

func TestMachineRoundTrip(t *testing.T) {
	for _, size := range [][2]int{{1, 1}, {3, 2}, {64, 16}, {1, 100}, {100, 1}} {
		path := filepath.Join(t.TempDir(), "model.npz")
		want := exampleMachine(size[0], size[1])
		if err := WriteMachine(path, want, testMetadata()); err != nil {
			t.Fatal(err)
		}
		got, meta, err := ReadMachine(path)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) || !reflect.DeepEqual(meta, testMetadata()) {
			t.Errorf("%v: read back as %v, %v", size, got, meta)
		}
	}
}

// TestMachineFormat reads the archive by the definition of npy, without the
// library.
func TestMachineFormat(t *testing.T) {
	var out bytes.Buffer
	machine := exampleMachine(3, 2)
	if err := machine.write(&out, Metadata{{"T", "inf"}}); err != nil {
		t.Fatal(err)
	}
	archive, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct {
		name, header string
		values       any
	}{
		{"W.npy", "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }", machine.Weights},
		{"b.npy", "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }", machine.VisibleBias},
		{"c.npy", "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", machine.HiddenBias},
		{"metadata.npy", "{'descr': '|u1', 'fortran_order': False, 'shape': (69,), }",
			[]byte(`{"isingrbm.format":"machine","isingrbm.format_version":"1","T":"inf"}`)},
	} {
		entry := archive.File[i]
		content, err := entry.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(content)
		if err != nil {
			t.Fatal(err)
		}
		if entry.Name != want.name || entry.Method != zip.Store || string(data[:8]) != "\x93NUMPY\x02\x00" {
			t.Errorf("entry %s, method %d, begins with %q", entry.Name, entry.Method, data[:8])
		}
		values := data[12+binary.LittleEndian.Uint32(data[8:]):]
		header := strings.TrimRight(string(data[12:len(data)-len(values)]), " \n")
		expected, _ := binary.Append(nil, binary.LittleEndian, want.values)
		if header != want.header || !bytes.Equal(values, expected) {
			t.Errorf("%s: header %s, values %x", want.name, header, values)
		}
	}
}

func TestMachineArraysMustFit(t *testing.T) {
	for name, spoil := range map[string]func(*MachineArrays){
		"weights": func(m *MachineArrays) { m.Weights = m.Weights[1:] },
		"visible": func(m *MachineArrays) { m.VisibleBias = nil },
		"hidden":  func(m *MachineArrays) { m.HiddenBias = append(m.HiddenBias, 0) },
		"no unit": func(m *MachineArrays) { *m = MachineArrays{} },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: written", name)
				}
			}()
			m := exampleMachine(3, 2)
			spoil(&m)
			WriteMachine(filepath.Join(t.TempDir(), "model.npz"), m, nil)
		}()
	}
	if WriteMachine(filepath.Join(t.TempDir(), "model.npz"), exampleMachine(1, 1), Metadata{{"isingrbm.x", ""}}) == nil {
		t.Error("a reserved key written")
	}
}

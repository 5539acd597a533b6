package store

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/sbinet/npyio/npy"
)

const (
	machineFormat = "machine"
	maxArray      = 1 << 31 // bytes
	maxHeader     = 1 << 17 // bytes; twice what version 1 of npy can have
)

// The arrays of a machine in its archive, in their order.
const (
	weightsName     = "W"
	visibleBiasName = "b"
	hiddenBiasName  = "c"
	metadataName    = "metadata"
)

// MachineArrays are the parameters of a restricted Boltzmann machine with
// n_v = Visible and n_h = Hidden units, both at least 1.
type MachineArrays struct {
	Visible, Hidden int
	Weights         []float32 // n_v × n_h, row-major
	VisibleBias     []float32 // n_v
	HiddenBias      []float32 // n_h
}

// WriteMachine writes a machine and its metadata as an npz archive: numpy.load
// gives W with shape (n_v, n_h), b, c, and metadata, whose bytes are JSON. It
// panics if the lengths do not fit together.
func WriteMachine(path string, machine MachineArrays, meta Metadata) error {
	if err := meta.validate(); err != nil {
		return writeError(path, err)
	}
	return WriteFile(path, func(w io.Writer) error {
		return machine.write(w, meta)
	})
}

func (m MachineArrays) write(w io.Writer, meta Metadata) error {
	if err := m.check(); err != nil {
		panic("store: the arrays of a machine differ from its numbers of units")
	}
	text, err := meta.stamped(machineFormat).MarshalJSON()
	if err != nil {
		return err
	}
	archive := zip.NewWriter(w)
	for _, array := range []struct {
		name  string
		value any
	}{
		{weightsName, matrix(m.Weights, m.Visible, m.Hidden)},
		{visibleBiasName, m.VisibleBias},
		{hiddenBiasName, m.HiddenBias},
		{metadataName, text},
	} {
		if err := writeArray(archive, array.name, array.value); err != nil {
			return err
		}
	}
	return archive.Close()
}

func (m MachineArrays) check() error {
	if m.Visible < 1 || m.Hidden < 1 {
		return fmt.Errorf("%d visible and %d hidden units", m.Visible, m.Hidden)
	}
	if len(m.Weights) != m.Visible*m.Hidden || len(m.VisibleBias) != m.Visible || len(m.HiddenBias) != m.Hidden {
		return errors.New("arrays of other lengths than the numbers of units ask for")
	}
	return nil
}

// matrix returns a flat row-major array as a slice of arrays, the one form in
// which the npy library writes two dimensions of float32 ([][]float32 it
// refuses, as encoding/binary does).
func matrix(flat []float32, rows, columns int) any {
	row := reflect.ArrayOf(columns, reflect.TypeFor[float32]())
	out := reflect.MakeSlice(reflect.SliceOf(row), rows, rows)
	for i := range rows {
		reflect.Copy(out.Index(i), reflect.ValueOf(flat[i*columns:(i+1)*columns]))
	}
	return out.Interface()
}

// writeArray adds an array to the archive as NumPy's savez does: stored, so that
// the bytes do not depend on a compressor, and dated 1980.
func writeArray(archive *zip.Writer, name string, value any) error {
	entry, err := createEntry(archive, name)
	if err != nil {
		return err
	}
	return npy.Write(entry, value)
}

func createEntry(archive *zip.Writer, name string) (io.Writer, error) {
	return archive.CreateHeader(&zip.FileHeader{
		Name:     name + ".npy",
		Method:   zip.Store,
		Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC),
	})
}

// ReadMachine reads an archive that WriteMachine wrote, or one with the same
// arrays and metadata that NumPy's savez or savez_compressed wrote. Anything
// wrong with it is a *FileError.
func ReadMachine(path string) (MachineArrays, Metadata, error) {
	file, err := os.Open(path)
	if err != nil {
		return MachineArrays{}, nil, fmt.Errorf("store: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return MachineArrays{}, nil, fmt.Errorf("store: %w", err)
	}
	return readMachine(path, file, info.Size())
}

func readMachine(path string, source io.ReaderAt, size int64) (machine MachineArrays, meta Metadata, err error) {
	defer guard(path, &err)
	archive, err := openArchive(path, source, size)
	if err != nil {
		return MachineArrays{}, nil, err
	}
	if meta, err = archive.metadata(); err != nil {
		return MachineArrays{}, nil, err
	}
	if err := meta.checkFormat(path, machineFormat); err != nil {
		return MachineArrays{}, nil, err
	}
	if machine, err = archive.machine(); err != nil {
		return MachineArrays{}, nil, err
	}
	return machine, meta.callers(), nil
}

// arrayArchive is an opened npz file.
type arrayArchive struct {
	path string
	zip  *zip.Reader
}

func openArchive(path string, source io.ReaderAt, size int64) (arrayArchive, error) {
	reader, err := zip.NewReader(source, size)
	if err != nil {
		return arrayArchive{}, damaged(path, "archive", err)
	}
	return arrayArchive{path, reader}, nil
}

func (a arrayArchive) machine() (MachineArrays, error) {
	weights, shape, err := a.floats(weightsName, 2)
	if err != nil {
		return MachineArrays{}, err
	}
	visible, _, err := a.floats(visibleBiasName, 1)
	if err != nil {
		return MachineArrays{}, err
	}
	hidden, _, err := a.floats(hiddenBiasName, 1)
	if err != nil {
		return MachineArrays{}, err
	}
	machine := MachineArrays{Visible: shape[0], Hidden: shape[1], Weights: weights, VisibleBias: visible, HiddenBias: hidden}
	if err := machine.check(); err != nil {
		return MachineArrays{}, corrupt(a.path, "W has shape %v, b %d values, c %d: %v", shape, len(visible), len(hidden), err)
	}
	return machine, nil
}

// metadata reads the array that holds JSON.
func (a arrayArchive) metadata() (Metadata, error) {
	if !slices.Contains(a.names(), metadataName) {
		return nil, foreign(a.path, "no array named %s", metadataName)
	}
	array, err := a.array(metadataName)
	if err != nil {
		return nil, err
	}
	if array.Header.Descr.Type != "|u1" || len(array.Header.Descr.Shape) != 1 {
		return nil, corrupt(a.path, "%s is not a row of bytes: %v", metadataName, array.Header)
	}
	var text []byte
	if err := array.Read(&text); err != nil {
		return nil, corrupt(a.path, "%s: %v", metadataName, err)
	}
	var meta Metadata
	if err := meta.UnmarshalJSON(text); err != nil {
		return nil, corrupt(a.path, "%v", err)
	}
	return meta, nil
}

// floats reads an array of float32 with the given number of dimensions.
func (a arrayArchive) floats(name string, dimensions int) ([]float32, []int, error) {
	array, err := a.array(name)
	if err != nil {
		return nil, nil, err
	}
	header := array.Header.Descr
	if header.Type != "<f4" || header.Fortran || len(header.Shape) != dimensions {
		return nil, nil, corrupt(a.path, "%s is not an array of float32 with %d dimensions in C order: %v", name, dimensions, array.Header)
	}
	var values []float32
	if err := array.Read(&values); err != nil {
		return nil, nil, corrupt(a.path, "%s: %v", name, err)
	}
	return values, header.Shape, nil
}

// names lists the arrays in the archive.
func (a arrayArchive) names() []string {
	names := make([]string, len(a.zip.File))
	for i, entry := range a.zip.File {
		names[i] = strings.TrimSuffix(filepath.ToSlash(entry.Name), ".npy")
	}
	return names
}

// array reads an entry whole, checks its CRC-32, and returns a reader of its
// values, of which there are as many bytes as its header says. The npy library
// takes short reads for success, hence all this before it starts.
func (a arrayArchive) array(name string) (*npy.Reader, error) {
	i := slices.Index(a.names(), name)
	if i < 0 {
		return nil, corrupt(a.path, "no array named %s", name)
	}
	data, err := readEntry(a.zip.File[i])
	if err != nil {
		return nil, damaged(a.path, name, err)
	}
	if err := checkHeaderLength(data); err != nil {
		return nil, corrupt(a.path, "%s: %v", name, err)
	}
	values := bytes.NewReader(data)
	array, err := npy.NewReader(values)
	if err != nil {
		return nil, corrupt(a.path, "%s: %v", name, err)
	}
	if want, ok := arrayBytes(array.Header); !ok || want != values.Len() {
		return nil, corrupt(a.path, "%s: %d bytes of values for %v", name, values.Len(), array.Header)
	}
	return array, nil
}

// header reads the header of an entry, however long its values are.
func (a arrayArchive) header(entry *zip.File, name string) (npy.Header, error) {
	content, err := entry.Open()
	if err != nil {
		return npy.Header{}, damaged(a.path, name, err)
	}
	defer content.Close()
	start, err := io.ReadAll(io.LimitReader(content, maxHeader))
	if err != nil {
		return npy.Header{}, damaged(a.path, name, err)
	}
	if err := checkHeaderLength(start); err != nil {
		return npy.Header{}, corrupt(a.path, "%s: %v", name, err)
	}
	array, err := npy.NewReader(bytes.NewReader(start))
	if err != nil {
		return npy.Header{}, corrupt(a.path, "%s: %v", name, err)
	}
	return array.Header, nil
}

func readEntry(entry *zip.File) ([]byte, error) {
	if entry.UncompressedSize64 > maxArray {
		return nil, fmt.Errorf("%d bytes", entry.UncompressedSize64)
	}
	content, err := entry.Open()
	if err != nil {
		return nil, err
	}
	defer content.Close()
	return io.ReadAll(content)
}

// checkHeaderLength keeps the npy library from allocating what a damaged length
// of a version 2 header (four bytes from the eighth on) asks for.
func checkHeaderLength(data []byte) error {
	if len(data) < 12 {
		return io.ErrUnexpectedEOF
	}
	if data[6] == 2 && uint64(binary.LittleEndian.Uint32(data[8:])) > uint64(len(data)) {
		return errors.New("a header longer than the array")
	}
	return nil
}

// arrayBytes is the length of an array by its header.
func arrayBytes(header npy.Header) (int, bool) {
	element := npy.TypeFrom(header.Descr.Type)
	if element == nil {
		return 0, false
	}
	total := int(element.Size())
	for _, n := range header.Descr.Shape {
		if n < 0 || n > 0 && total > maxArray/n {
			return 0, false
		}
		total *= n
	}
	return total, true
}

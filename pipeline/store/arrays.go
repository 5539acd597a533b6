package store

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"
)

// arraysFormat is the format of archives that are written for others to read.
const arraysFormat = "arrays"

// Array is an array of an npz archive, or that of an npy file. Its values are put out
// piece by piece and need never be in memory together.
type Array struct {
	Name  string // in the archive; slashes make folders of it
	Type  string // as npy has it: "|i1", "|u1", "<i4", "<i8", "<f4", "<f8", "<U7"
	Shape []int
	Write func(w io.Writer) error // puts out the values: little-endian, in C order
}

// Number is what Numbers makes arrays of.
type Number interface {
	int8 | uint8 | int32 | int64 | float32 | float64
}

// Numbers returns an array of values in C order. It panics if the shape does not have
// as many.
func Numbers[T Number](name string, values []T, shape ...int) Array {
	if product(shape) != int64(len(values)) {
		panic("store: an array of another shape than its values")
	}
	return Array{Name: name, Type: typeCode[T](), Shape: shape, Write: func(w io.Writer) error {
		return binary.Write(w, binary.LittleEndian, values)
	}}
}

func typeCode[T Number]() string {
	var zero T
	switch any(zero).(type) {
	case int8:
		return "|i1"
	case uint8:
		return "|u1"
	case int32:
		return "<i4"
	case int64:
		return "<i8"
	case float32:
		return "<f4"
	}
	return "<f8"
}

// Texts returns an array of strings, as NumPy keeps them: four bytes a character, all
// strings filled up with zeros to the length of the longest.
func Texts(name string, values []string) Array {
	length := 1 // NumPy has no type of length 0 in its files
	for _, text := range values {
		length = max(length, utf8.RuneCountInString(text))
	}
	return Array{Name: name, Type: fmt.Sprintf("<U%d", length), Shape: []int{len(values)}, Write: func(w io.Writer) error {
		characters := make([]rune, 0, length*len(values))
		for i, text := range values {
			characters = append(characters, []rune(text)...)
			characters = grow(characters, (i+1)*length)
		}
		return binary.Write(w, binary.LittleEndian, characters)
	}}
}

// MetadataArray returns metadata as the archives of this package keep it: an array
// named metadata of bytes that are a JSON object.
func MetadataArray(meta Metadata) (Array, error) {
	if err := meta.validate(); err != nil {
		return Array{}, fmt.Errorf("store: %w", err)
	}
	text, err := meta.stamped(arraysFormat).MarshalJSON()
	if err != nil {
		return Array{}, err
	}
	return Numbers(metadataName, text, len(text)), nil
}

// WriteArchive writes arrays as an npz archive, uncompressed, its bytes a function of
// the arrays alone. It fails on a name that occurs twice.
func WriteArchive(w io.Writer, arrays []Array) error {
	archive := zip.NewWriter(w)
	seen := make(map[string]bool, len(arrays))
	for _, array := range arrays {
		if seen[array.Name] {
			return fmt.Errorf("array %s occurs twice", array.Name)
		}
		seen[array.Name] = true
		entry, err := createEntry(archive, array.Name)
		if err != nil {
			return err
		}
		if err := WriteArray(entry, array); err != nil {
			return err
		}
	}
	return archive.Close()
}

// WriteArray writes an array as an npy file. The npy library writes arrays that are in
// memory and of one dimension only, hence the few lines here.
func WriteArray(w io.Writer, array Array) error {
	if err := array.writeHeader(w); err != nil {
		return err
	}
	size, err := elementSize(array.Type)
	if err != nil {
		return err
	}
	counted := &countingWriter{Writer: w}
	if err := array.Write(counted); err != nil {
		return err
	}
	if want := product(array.Shape) * size; counted.n != want {
		return fmt.Errorf("array %s: %d bytes of values, %d for its shape %v", array.Name, counted.n, want, array.Shape)
	}
	return nil
}

// writeHeader writes the magic, version 1.0, and the dictionary, which ends in a line
// feed at a multiple of 64 bytes, so that the values can be mapped into memory.
func (a Array) writeHeader(w io.Writer) error {
	const alignment, fixed = 64, 10
	text := fmt.Appendf(nil, "{'descr': '%s', 'fortran_order': False, 'shape': %s, }", a.Type, shapeText(a.Shape))
	text = append(text, bytes.Repeat([]byte{' '}, alignment-1-(fixed+len(text))%alignment)...)
	text = append(text, '\n')
	header := binary.LittleEndian.AppendUint16([]byte("\x93NUMPY\x01\x00"), uint16(len(text)))
	_, err := w.Write(append(header, text...))
	return err
}

// shapeText is a shape as Python writes a tuple: (3, 2) and (3,).
func shapeText(shape []int) string {
	parts := make([]string, len(shape))
	for i, n := range shape {
		parts[i] = fmt.Sprint(n)
	}
	text := strings.Join(parts, ", ")
	if len(shape) == 1 {
		text += ","
	}
	return "(" + text + ")"
}

// elementSize is the length in bytes of an element of the types that Array lists.
func elementSize(code string) (int64, error) {
	var kind byte
	var n int64
	if _, err := fmt.Sscanf(code[1:], "%c%d", &kind, &n); err != nil {
		return 0, fmt.Errorf("array type %q", code)
	}
	if kind == 'U' {
		n *= 4
	}
	return n, nil
}

func product(shape []int) int64 {
	n := int64(1)
	for _, length := range shape {
		n *= int64(length)
	}
	return n
}

type countingWriter struct {
	io.Writer
	n int64
}

func (c *countingWriter) Write(p []byte) (int, error) {
	n, err := c.Writer.Write(p)
	c.n += int64(n)
	return n, err
}

// FloatArray is an array of float32 or float64, as read from an archive.
type FloatArray struct {
	Shape  []int
	Values []float64 // in C order
}

// ArrayNames lists the arrays of an npz archive of any writer. What is wrong with the
// file is a *FileError.
func ArrayNames(path string) ([]string, error) {
	var names []string
	err := withArchive(path, func(a arrayArchive) error {
		names = a.names()
		return nil
	})
	return names, err
}

// ReadFloats reads one array of float32 or float64 from an npz archive of any writer,
// in whichever order it is stored. What is wrong with the file or the array is a
// *FileError.
func ReadFloats(path, name string) (FloatArray, error) {
	var out FloatArray
	err := withArchive(path, func(a arrayArchive) (err error) {
		if !slices.Contains(a.names(), name) {
			return unfit(path, "no array named "+name, "it has "+strings.Join(a.names(), ", "))
		}
		out, err = a.anyFloats(name)
		return err
	})
	return out, err
}

// withArchive opens an archive that another program may have written.
func withArchive(path string, use func(arrayArchive) error) (err error) {
	defer func() {
		if e := (*FileError)(nil); errors.As(err, &e) && e.Kind == ErrCorrupt {
			e.Advice = "have the program that wrote it write it again"
		}
	}()
	defer guard(path, &err)
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	magic := make([]byte, 4)
	if _, err := file.ReadAt(magic, 0); err != nil || string(magic) != "PK\x03\x04" {
		return unfit(path, "not an npz archive", "numpy.savez writes one")
	}
	archive, err := openArchive(path, file, info.Size())
	if err != nil {
		return err
	}
	return use(archive)
}

// anyFloats reads an array as NumPy may have saved it: float32 or float64, in C order
// or, as of matrices that were transposed, in Fortran's.
func (a arrayArchive) anyFloats(name string) (FloatArray, error) {
	array, err := a.array(name)
	if err != nil {
		return FloatArray{}, err
	}
	header := array.Header.Descr
	out := FloatArray{Shape: header.Shape}
	switch header.Type {
	case "<f8":
		err = array.Read(&out.Values)
	case "<f4":
		var single []float32
		err = array.Read(&single)
		for _, x := range single {
			out.Values = append(out.Values, float64(x))
		}
	default:
		return FloatArray{}, unfit(a.path, fmt.Sprintf("%s has type %s", name, header.Type), "save it as float32 or float64, little-endian")
	}
	if err != nil {
		return FloatArray{}, corrupt(a.path, "%s: %v", name, err)
	}
	if header.Fortran && len(header.Shape) == 2 {
		out.Values = fromFortran(out.Values, header.Shape[0], header.Shape[1])
	}
	return out, nil
}

// fromFortran puts a matrix that is stored column after column in C order.
func fromFortran(values []float64, rows, columns int) []float64 {
	out := make([]float64, len(values))
	for i := range rows {
		for j := range columns {
			out[i*columns+j] = values[j*rows+i]
		}
	}
	return out
}

package store

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"strconv"
)

// SpinValues says which numbers spins are written out as.
type SpinValues string

// The two ways.
const (
	PlusMinus SpinValues = "spins" // up is +1, down −1
	Bits      SpinValues = "bits"  // up is 1, down 0
)

// upDown returns the two numbers.
func (v SpinValues) upDown() (up, down int8) {
	if v == Bits {
		return 1, 0
	}
	return 1, -1
}

// unpackedBytes is about how many spins are unpacked at a time.
const unpackedBytes = 1 << 20

// ConfigurationArrays returns the columns of a configurations file of n rows as arrays
// whose names start with prefix:
//
//	spins          |i1          n × N, site i of the row-major lattice in column i
//	energy         <i4 or <f8   n
//	magnetization  <i4          n
//	chain          <i4          n
//	step           <i8          n
//
// The file is read, in constant memory, when they are written: once for each. Damage
// found then is a *FileError.
func ConfigurationArrays(path, prefix string, values SpinValues) ([]Array, error) {
	r, err := OpenConfigurations(path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	rows, sites := int(r.Rows()), r.Sites()
	column := func(name, code string, write func(w io.Writer, b ConfigurationBatch) error) Array {
		return Array{Name: prefix + name, Type: code, Shape: []int{rows}, Write: func(w io.Writer) error {
			return eachBatch(path, func(b ConfigurationBatch) error { return write(w, b) })
		}}
	}
	little := func(w io.Writer, values any) error { return binary.Write(w, binary.LittleEndian, values) }
	energy := column("energy", "<f8", func(w io.Writer, b ConfigurationBatch) error { return little(w, b.Energy) })
	if r.Layout().IntegerEnergy {
		energy = column("energy", "<i4", func(w io.Writer, b ConfigurationBatch) error { return little(w, wholeNumbers(b.Energy)) })
	}
	return []Array{
		spinArray(path, prefix+"spins", rows, sites, values),
		energy,
		column("magnetization", "<i4", func(w io.Writer, b ConfigurationBatch) error { return little(w, b.Magnetization) }),
		column("chain", "<i4", func(w io.Writer, b ConfigurationBatch) error { return little(w, b.Chain) }),
		column("step", "<i8", func(w io.Writer, b ConfigurationBatch) error { return little(w, b.Step) }),
	}, nil
}

func wholeNumbers(values []float64) []int32 {
	out := make([]int32, len(values))
	for i, x := range values {
		out[i] = int32(x)
	}
	return out
}

func spinArray(path, name string, rows, sites int, values SpinValues) Array {
	return Array{Name: name, Type: "|i1", Shape: []int{rows, sites}, Write: func(w io.Writer) error {
		unpack := newUnpacker(values)
		var buffer []byte
		return eachBatch(path, func(b ConfigurationBatch) error {
			buffer = grow(buffer, b.Rows()*sites)
			words := rowWords(sites)
			for i := range b.Rows() {
				unpack.row(buffer[i*sites:(i+1)*sites], b.Spins[i*words:(i+1)*words])
			}
			_, err := w.Write(buffer)
			return err
		})
	}}
}

// unpacker holds, for every byte of eight packed spins, the eight bytes that they are
// written as, the first in the lowest byte.
type unpacker [256]uint64

func newUnpacker(values SpinValues) *unpacker {
	up, down := values.upDown()
	u := new(unpacker)
	for packed := range u {
		for i := range 8 {
			value := down
			if packed>>i&1 == 1 {
				value = up
			}
			u[packed] |= uint64(uint8(value)) << (8 * i)
		}
	}
	return u
}

// row unpacks one configuration of len(dst) sites.
func (u *unpacker) row(dst []byte, row []uint64) {
	for i := 0; i < len(dst); i += 8 {
		eight := u[row[i/64]>>(i%64)&0xff]
		if i+8 <= len(dst) {
			binary.LittleEndian.PutUint64(dst[i:], eight)
			continue
		}
		for k := range dst[i:] {
			dst[i+k] = byte(eight >> (8 * k))
		}
	}
}

// WriteConfigurationText writes a configurations file as text, in constant memory: a
// line a configuration, its spins in order with a space between.
func WriteConfigurationText(w io.Writer, path string, values SpinValues) error {
	up, down := values.upDown()
	texts := [2]string{strconv.Itoa(int(down)), strconv.Itoa(int(up))}
	sites, err := configurationSites(path)
	if err != nil {
		return err
	}
	words := rowWords(sites)
	out := bufio.NewWriterSize(w, writeBuffer)
	return eachBatch(path, func(b ConfigurationBatch) error {
		for first := 0; first < len(b.Spins); first += words {
			writeLine(out, b.Spins[first:first+words], sites, texts)
		}
		return out.Flush()
	})
}

// writeLine leaves errors to the buffer, which keeps the first for Flush.
func writeLine(out *bufio.Writer, row []uint64, sites int, texts [2]string) {
	for i := range sites {
		if i > 0 {
			out.WriteByte(' ')
		}
		out.WriteString(texts[row[i/64]>>(i%64)&1])
	}
	out.WriteByte('\n')
}

func configurationSites(path string) (int, error) {
	r, err := OpenConfigurations(path)
	if err != nil {
		return 0, err
	}
	defer r.Close()
	return r.Sites(), nil
}

// eachBatch reads a configurations file from beginning to end.
func eachBatch(path string, use func(ConfigurationBatch) error) error {
	r, err := OpenConfigurations(path)
	if err != nil {
		return err
	}
	defer r.Close()
	limit := min(math.MaxInt16, max(1, unpackedBytes/r.Sites()))
	for {
		batch, err := r.Next(limit)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if err := use(batch); err != nil {
			return err
		}
	}
}

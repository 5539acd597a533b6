package store

import (
	"archive/zip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"

	"github.com/sbinet/npyio/npy"
)

// broughtArray is an array of spins in an npz archive.
type broughtArray struct {
	spinPacker
	file    *os.File
	name    string
	meta    Metadata
	total   int64
	content io.ReadCloser // the values, as they follow each other
	number  numberType
	raw     []byte
}

// numberType says how an array's elements are read.
type numberType struct {
	size  int
	value func([]byte) float64
}

// numberTypes are those of npy that spins can have.
var numberTypes = map[string]numberType{
	"|b1": {1, func(b []byte) float64 { return float64(b[0]) }},
	"|u1": {1, func(b []byte) float64 { return float64(b[0]) }},
	"|i1": {1, func(b []byte) float64 { return float64(int8(b[0])) }},
	"<i2": {2, func(b []byte) float64 { return float64(int16(binary.LittleEndian.Uint16(b))) }},
	"<u2": {2, func(b []byte) float64 { return float64(binary.LittleEndian.Uint16(b)) }},
	"<i4": {4, func(b []byte) float64 { return float64(int32(binary.LittleEndian.Uint32(b))) }},
	"<u4": {4, func(b []byte) float64 { return float64(binary.LittleEndian.Uint32(b)) }},
	"<i8": {8, func(b []byte) float64 { return float64(int64(binary.LittleEndian.Uint64(b))) }},
	"<u8": {8, func(b []byte) float64 { return float64(binary.LittleEndian.Uint64(b)) }},
	"<f4": {4, func(b []byte) float64 { return float64(math.Float32frombits(binary.LittleEndian.Uint32(b))) }},
	"<f8": {8, func(b []byte) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(b)) }},
}

func openSpinArray(path string, file *os.File, column string) (*broughtArray, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	archive, err := openArchive(path, file, info.Size())
	if err != nil {
		return nil, err
	}
	s := &broughtArray{spinPacker: spinPacker{path: path}, file: file}
	headers, err := archive.headers()
	if err != nil {
		return nil, err
	}
	var able []string
	for _, name := range archive.names() {
		if header := headers[name]; len(header.Descr.Shape) >= 2 {
			able = append(able, name)
		}
	}
	if s.name, err = pick(path, "array", column, able, archive.names()); err != nil {
		return nil, err
	}
	if slices.Contains(archive.names(), metadataName) {
		s.meta, _ = archive.metadata() // of another program it may be anything
	}
	if err := s.setShape(headers[s.name]); err != nil {
		return nil, err
	}
	return s, s.open(archive.zip.File[slices.Index(archive.names(), s.name)])
}

// headers reads those of all arrays.
func (a arrayArchive) headers() (map[string]npy.Header, error) {
	headers := make(map[string]npy.Header)
	for i, name := range a.names() {
		header, err := a.header(a.zip.File[i], name)
		if err != nil {
			return nil, err
		}
		headers[name] = header
	}
	return headers, nil
}

// setShape takes the numbers of rows and sites from a header.
func (s *broughtArray) setShape(header npy.Header) error {
	number, ok := numberTypes[header.Descr.Type]
	switch {
	case !ok:
		return unfit(s.path, fmt.Sprintf("array %s has type %s", s.name, header.Descr.Type), "save it as bool, int8 or another number, little-endian")
	case header.Descr.Fortran:
		return unfit(s.path, fmt.Sprintf("array %s is in Fortran's order", s.name), "save numpy.ascontiguousarray of it")
	}
	s.number, s.total = number, int64(header.Descr.Shape[0])
	sites := product(header.Descr.Shape[1:])
	if s.total < 0 || sites < 1 || sites > maxBroughtSites || s.total > math.MaxInt64/sites/int64(number.size) {
		return unfit(s.path, fmt.Sprintf("array %s has shape %v", s.name, header.Descr.Shape), kindsOfSpins)
	}
	s.sites = int(sites)
	return nil
}

// maxBroughtSites is that of a lattice of 1024 × 1024.
const maxBroughtSites = 1 << 20

// open starts reading the values, behind the header.
func (s *broughtArray) open(entry *zip.File) (err error) {
	if s.content, err = entry.Open(); err != nil {
		return damaged(s.path, s.name, err)
	}
	if _, err = npy.NewReader(s.content); err != nil {
		return corrupt(s.path, "%s: %v", s.name, err)
	}
	return nil
}

func (s *broughtArray) metadata() Metadata { return s.meta.callers() }
func (s *broughtArray) rows() int64        { return s.total }
func (s *broughtArray) siteCount() int     { return s.sites }
func (s *broughtArray) close() error       { return errors.Join(s.content.Close(), s.file.Close()) }

func (s *broughtArray) next(limit int) (ConfigurationBatch, error) {
	rows := int(min(int64(limit), s.total-s.row))
	if rows == 0 {
		return ConfigurationBatch{}, s.end()
	}
	s.start(rows)
	size := s.number.size
	s.raw = grow(s.raw, rows*s.sites*size)
	if _, err := io.ReadFull(s.content, s.raw); err != nil {
		return ConfigurationBatch{}, damaged(s.path, s.name, err)
	}
	for i := range rows {
		row := s.raw[i*s.sites*size:]
		if err := s.pack(i, func(site int) float64 { return s.number.value(row[site*size:]) }); err != nil {
			return ConfigurationBatch{}, err
		}
	}
	return s.batch, nil
}

// end is io.EOF, unless the archive says, at the end of the entry, that it is
// not what was written, or there is more.
func (s *broughtArray) end() error {
	n, err := s.content.Read(make([]byte, 1))
	switch {
	case n > 0:
		return corrupt(s.path, "%s: more values than its shape has", s.name)
	case errors.Is(err, io.EOF):
		return io.EOF
	}
	return damaged(s.path, s.name, err)
}

package store

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet"
)

// groupReader reads a configurations file in one of the formats.
type groupReader interface {
	metadata() Metadata                       // all pairs, this package's own included
	count() int                               // of row groups
	rows() int64                              // of all
	open(group int) (rows int64, err error)   // loads a row group and verifies it
	read(into ConfigurationBatch) (err error) // fills a batch with the next rows of the open one
	close()                                   // gives the library's memory back
}

// ConfigurationsReader reads a configurations file from beginning to end. What
// it keeps in memory is bounded by the largest batch asked for and by one row
// group, not by the size of the file.
type ConfigurationsReader struct {
	path   string
	groups groupReader
	closer io.Closer
	sites  int
	layout ConfigurationLayout
	err    error // what stopped the reading, io.EOF at the end; it sticks

	// Where the reading stands.
	group int   // the next row group to open
	left  int64 // rows left in the open one
	batch ConfigurationBatch
}

// OpenConfigurations opens a file that CreateConfigurations wrote, in either
// format. Anything wrong with its format, schema, footer or metadata is a
// *FileError.
func OpenConfigurations(path string) (*ConfigurationsReader, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	reader, err := newConfigurationsReader(path, file, memory.NewGoAllocator())
	if err != nil {
		file.Close()
		return nil, err
	}
	reader.closer = file
	return reader, nil
}

func newConfigurationsReader(path string, source parquet.ReaderAtSeeker, allocator memory.Allocator) (_ *ConfigurationsReader, err error) {
	defer guard(path, &err)
	magic := make([]byte, len(arrowMagic))
	if _, err := source.ReadAt(magic, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, damaged(path, "beginning", err)
	}
	if bytes.Equal(magic, []byte(arrowMagic)) {
		groups, err := openArrowGroups(path, source, allocator)
		if err != nil {
			return nil, err
		}
		return &ConfigurationsReader{path: path, groups: groups, sites: groups.sites, layout: groups.layout}, nil
	}
	groups, err := openParquetGroups(path, source, allocator)
	if err != nil {
		return nil, err
	}
	return &ConfigurationsReader{path: path, groups: groups, sites: groups.sites, layout: groups.layout}, nil
}

// Metadata returns the pairs given to the writer, in their order.
func (r *ConfigurationsReader) Metadata() Metadata { return r.groups.metadata().callers() }

// Sites returns the number of sites of a configuration.
func (r *ConfigurationsReader) Sites() int { return r.sites }

// Rows returns the number of configurations in the file.
func (r *ConfigurationsReader) Rows() int64 { return r.groups.rows() }

// Layout returns how the file is laid out. A Parquet file without rows is not
// compressed.
func (r *ConfigurationsReader) Layout() ConfigurationLayout { return r.layout }

// Next returns the next configurations, limit of them or as many as are left. The
// batch is valid until the next call. After the last one it returns io.EOF, and
// a *FileError where the file is damaged: a row group that does not match its
// checksum is not read. It panics unless limit is positive.
func (r *ConfigurationsReader) Next(limit int) (ConfigurationBatch, error) {
	if limit < 1 {
		panic("store: asked for less than one configuration")
	}
	if r.err == nil {
		r.err = r.fill(limit)
	}
	if r.err != nil {
		return ConfigurationBatch{}, r.err
	}
	return r.batch, nil
}

// fill reads the next batch, from as many row groups as it takes.
func (r *ConfigurationsReader) fill(limit int) (err error) {
	defer guard(r.path, &err)
	r.resize(0)
	for r.batch.Rows() < limit {
		if r.left == 0 && r.group == r.groups.count() {
			break
		}
		if err := r.openGroup(); err != nil {
			return damaged(r.path, fmt.Sprint("row group ", r.group), err)
		}
		first := r.batch.Rows()
		n := int(min(int64(limit-first), r.left))
		r.resize(first + n)
		if err := r.groups.read(r.batch.from(first, rowWords(r.sites))); err != nil {
			return damaged(r.path, fmt.Sprint("row group ", r.group-1), err)
		}
		r.left -= int64(n)
	}
	if r.batch.Rows() == 0 {
		return io.EOF
	}
	return nil
}

// openGroup opens the next row group if there is none or its rows are used up.
func (r *ConfigurationsReader) openGroup() (err error) {
	if r.left > 0 {
		return nil
	}
	if r.left, err = r.groups.open(r.group); err != nil {
		return err
	}
	r.group++
	return nil
}

// resize gives the batch n rows and keeps those it has.
func (r *ConfigurationsReader) resize(n int) {
	b := &r.batch
	b.Chain = grow(b.Chain, n)
	b.Step = grow(b.Step, n)
	b.Energy = grow(b.Energy, n)
	b.Magnetization = grow(b.Magnetization, n)
	b.Spins = grow(b.Spins, n*rowWords(r.sites))
}

// from returns the rows from first on.
func (b ConfigurationBatch) from(first, words int) ConfigurationBatch {
	return ConfigurationBatch{b.Chain[first:], b.Step[first:], b.Energy[first:], b.Magnetization[first:], b.Spins[first*words:]}
}

// Close closes the file.
func (r *ConfigurationsReader) Close() error {
	r.groups.close()
	if r.closer == nil {
		return nil
	}
	return r.closer.Close()
}

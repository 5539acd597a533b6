package store

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/apache/arrow/go/v17/parquet"
	pq "github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/schema"
)

// ConfigurationsReader reads a configurations file from beginning to end. What
// it keeps in memory is bounded by the largest batch asked for and by one row
// group, not by the size of the file.
type ConfigurationsReader struct {
	file   *parquetFile
	closer io.Closer
	sites  int
	layout ConfigurationLayout
	err    error // what stopped the reading, io.EOF at the end; it sticks

	// Where the reading stands.
	group   int   // the next row group to open
	left    int64 // rows left in the open one
	columns []pq.ColumnChunkReader

	// Buffers of Next.
	batch       ConfigurationBatch
	wholeEnergy []int32
	rows        []parquet.FixedLenByteArray
}

// OpenConfigurations opens a file that CreateConfigurations wrote. Anything
// wrong with its format, schema, footer or metadata is a *FileError.
func OpenConfigurations(path string) (*ConfigurationsReader, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	reader, err := newConfigurationsReader(path, file)
	if err != nil {
		file.Close()
		return nil, err
	}
	reader.closer = file
	return reader, nil
}

func newConfigurationsReader(path string, source parquet.ReaderAtSeeker) (_ *ConfigurationsReader, err error) {
	defer guard(path, &err)
	file, err := openParquet(path, source)
	if err != nil {
		return nil, err
	}
	if err := file.verify(configurationsFormat); err != nil {
		return nil, err
	}
	r := &ConfigurationsReader{file: file}
	text, _ := file.meta.Get(sitesKey)
	if r.sites, err = strconv.Atoi(text); err != nil || r.sites < 1 {
		return nil, corrupt(path, "%s is %q", sitesKey, text)
	}
	if err := r.checkSchema(); err != nil {
		return nil, err
	}
	return r, nil
}

// checkSchema finds the layout of the file and refuses any other schema.
func (r *ConfigurationsReader) checkSchema() error {
	found := r.file.reader.MetaData().Schema
	for _, integer := range []bool{false, true} {
		r.layout.IntegerEnergy = integer
		root := schema.MustGroup(schema.NewGroupNode(found.Root().Name(), parquet.Repetitions.Required, r.layout.columns(r.sites), noField))
		if found.Root().Equals(root) {
			return r.checkCompression()
		}
	}
	return corrupt(r.file.path, "its columns are not those of configurations of %d sites:%v", r.sites, found)
}

func (r *ConfigurationsReader) checkCompression() error {
	r.layout.Compression = Uncompressed
	for group := range r.file.reader.NumRowGroups() {
		for column := range configurationColumns {
			name := r.file.compression(group, column)
			if group == 0 && column == 0 {
				r.layout.Compression = name
			}
			if name != r.layout.Compression || name != Uncompressed && name != Zstd {
				return corrupt(r.file.path, "row group %d, column %d: compression %s", group, column, name)
			}
		}
	}
	return nil
}

// Metadata returns the pairs given to the writer, in their order.
func (r *ConfigurationsReader) Metadata() Metadata { return r.file.meta.callers() }

// Sites returns the number of sites of a configuration.
func (r *ConfigurationsReader) Sites() int { return r.sites }

// Rows returns the number of configurations in the file.
func (r *ConfigurationsReader) Rows() int64 { return r.file.reader.NumRows() }

// Layout returns how the file is laid out. A file without rows is not
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
	defer guard(r.file.path, &err)
	r.resize(0)
	for r.batch.Rows() < limit {
		if r.left == 0 && r.group == r.file.reader.NumRowGroups() {
			break
		}
		if err := r.openGroup(); err != nil {
			return damaged(r.file.path, fmt.Sprint("row group ", r.group), err)
		}
		first := r.batch.Rows()
		n := int(min(int64(limit-first), r.left))
		r.resize(first + n)
		if err := r.read(first); err != nil {
			return damaged(r.file.path, fmt.Sprint("row group ", r.group-1), err)
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
	if r.columns, err = r.file.columns(r.group); err != nil {
		return err
	}
	r.left = r.file.reader.MetaData().RowGroup(r.group).NumRows()
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

// read fills the batch from row first on out of the open row group.
func (r *ConfigurationsReader) read(first int) error {
	b := r.batch
	return cmp.Or(
		readColumn[*pq.Int32ColumnChunkReader](r.columns[chainColumn], b.Chain[first:], nil),
		readColumn[*pq.Int64ColumnChunkReader](r.columns[stepColumn], b.Step[first:], nil),
		r.readEnergies(b.Energy[first:]),
		readColumn[*pq.Int32ColumnChunkReader](r.columns[magnetizationColumn], b.Magnetization[first:], nil),
		r.readSpins(b.Spins[first*rowWords(r.sites):]))
}

func (r *ConfigurationsReader) readEnergies(dst []float64) error {
	column := r.columns[energyColumn]
	if !r.layout.IntegerEnergy {
		return readColumn[*pq.Float64ColumnChunkReader](column, dst, nil)
	}
	r.wholeEnergy = grow(r.wholeEnergy, len(dst))
	err := readColumn[*pq.Int32ColumnChunkReader](column, r.wholeEnergy, nil)
	for i, energy := range r.wholeEnergy {
		dst[i] = float64(energy)
	}
	return err
}

func (r *ConfigurationsReader) readSpins(dst []uint64) error {
	words, beyond := rowWords(r.sites), overhang(r.sites)
	r.rows = grow(r.rows, len(dst)/words)
	if err := readColumn[*pq.FixedLenByteArrayColumnChunkReader](r.columns[spinsColumn], r.rows, nil); err != nil {
		return err
	}
	for i, packed := range r.rows {
		row := dst[i*words : (i+1)*words]
		unpackRow(row, packed)
		if row[words-1]&beyond != 0 {
			return fmt.Errorf("a configuration has a spin beyond its %d sites", r.sites)
		}
	}
	return nil
}

// Close closes the file.
func (r *ConfigurationsReader) Close() error {
	if r.closer == nil {
		return nil
	}
	return r.closer.Close()
}

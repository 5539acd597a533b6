package store

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/apache/arrow/go/v17/parquet"
	pq "github.com/apache/arrow/go/v17/parquet/file"
)

// ConfigurationsWriter writes one configurations file, batch by batch. It keeps
// one row group in memory. The file appears at Commit; Abort, which does
// nothing after Commit and can be deferred, leaves none.
type ConfigurationsWriter struct {
	file    *AtomicFile
	parquet *parquetWriter
	sites   int
	integer bool // energies
	meta    Metadata
	err     error // the first one; it sticks

	// The row group being filled.
	chain         []int32
	step          []int64
	energy        []float64
	wholeEnergy   []int32 // instead of energy, in the integer layout
	magnetization []int32
	spins         []byte
	rows          []parquet.FixedLenByteArray // views of spins
}

// CreateConfigurations starts a file of configurations of the given number of
// sites, at least 1. It fails on metadata that cannot be written, on an unknown
// compression, and where the file cannot be created.
func CreateConfigurations(path string, sites int, layout ConfigurationLayout, meta Metadata) (*ConfigurationsWriter, error) {
	file, err := Create(path)
	if err != nil {
		return nil, err
	}
	return newConfigurationsWriter(file, sites, layout, meta)
}

func newConfigurationsWriter(file *AtomicFile, sites int, layout ConfigurationLayout, meta Metadata) (_ *ConfigurationsWriter, err error) {
	defer func() {
		if err != nil {
			file.Abort()
			err = writeError(file.path, err)
		}
	}()
	if sites < 1 {
		return nil, fmt.Errorf("configurations of %d sites", sites)
	}
	if err := meta.validate(); err != nil {
		return nil, err
	}
	properties, err := layout.properties(sites)
	if err != nil {
		return nil, err
	}
	writer, err := newParquetWriter(file, layout.columns(sites), properties...)
	if err != nil {
		return nil, err
	}
	meta = append(Metadata{}, meta...)
	return &ConfigurationsWriter{file: file, parquet: writer, sites: sites, integer: layout.IntegerEnergy, meta: meta}, nil
}

// Append adds a batch, which it copies. It panics if the columns differ in
// length, and fails on a spin above the last site, on an energy that does not
// suit the layout, and on a failure to write. After an error the writer is of
// use for Abort only.
func (w *ConfigurationsWriter) Append(batch ConfigurationBatch) error {
	batch.check(rowWords(w.sites))
	if w.err == nil {
		w.err = w.append(batch)
	}
	return w.failure()
}

func (w *ConfigurationsWriter) append(batch ConfigurationBatch) error {
	words, capacity := rowWords(w.sites), groupRows(w.sites)
	for first := 0; first < batch.Rows(); {
		last := min(batch.Rows(), first+capacity-len(w.chain))
		w.chain = append(w.chain, batch.Chain[first:last]...)
		w.step = append(w.step, batch.Step[first:last]...)
		w.magnetization = append(w.magnetization, batch.Magnetization[first:last]...)
		if err := w.appendEnergies(batch.Energy[first:last]); err != nil {
			return err
		}
		if err := w.appendSpins(batch.Spins[first*words : last*words]); err != nil {
			return err
		}
		if len(w.chain) == capacity {
			if err := w.flushGroup(); err != nil {
				return err
			}
		}
		first = last
	}
	return nil
}

func (w *ConfigurationsWriter) appendEnergies(energies []float64) error {
	if !w.integer {
		w.energy = append(w.energy, energies...)
		return nil
	}
	for _, energy := range energies {
		// Out of range, the conversion gives some number, which then differs.
		whole := int32(energy)
		if float64(whole) != energy {
			return fmt.Errorf("energy %v is not a whole number of 32 bits, as this file's energies are", energy)
		}
		w.wholeEnergy = append(w.wholeEnergy, whole)
	}
	return nil
}

func (w *ConfigurationsWriter) appendSpins(spins []uint64) error {
	words, bytes, beyond := rowWords(w.sites), rowBytes(w.sites), overhang(w.sites)
	before := len(w.spins)
	w.spins = slices.Grow(w.spins, len(spins)/words*bytes)[:before+len(spins)/words*bytes]
	packed := w.spins[before:]
	for ; len(spins) > 0; spins, packed = spins[words:], packed[bytes:] {
		if spins[words-1]&beyond != 0 {
			return fmt.Errorf("a configuration has a spin beyond its %d sites", w.sites)
		}
		packRow(packed[:bytes], spins[:words])
	}
	return nil
}

// spinRows returns the rows of spins as the library wants them. The views last
// from one row group to the next, as the buffer does once it has its full size.
func (w *ConfigurationsWriter) spinRows() []parquet.FixedLenByteArray {
	n, bytes := len(w.chain), rowBytes(w.sites)
	if len(w.rows) > 0 && &w.rows[0][0] != &w.spins[0] {
		w.rows = w.rows[:0]
	}
	for i := len(w.rows); i < n; i++ {
		w.rows = append(w.rows, w.spins[i*bytes:(i+1)*bytes])
	}
	return w.rows[:n]
}

// flushGroup writes the row group and empties its buffers.
func (w *ConfigurationsWriter) flushGroup() error {
	if err := w.parquet.addGroup(w.writeColumns); err != nil {
		return err
	}
	w.chain, w.step, w.magnetization = w.chain[:0], w.step[:0], w.magnetization[:0]
	w.energy, w.wholeEnergy, w.spins = w.energy[:0], w.wholeEnergy[:0], w.spins[:0]
	return nil
}

func (w *ConfigurationsWriter) writeColumns(group pq.SerialRowGroupWriter) error {
	return cmp.Or(
		writeColumn[*pq.Int32ColumnChunkWriter](group, w.chain, nil),
		writeColumn[*pq.Int64ColumnChunkWriter](group, w.step, nil),
		w.writeEnergies(group),
		writeColumn[*pq.Int32ColumnChunkWriter](group, w.magnetization, nil),
		writeColumn[*pq.FixedLenByteArrayColumnChunkWriter](group, w.spinRows(), nil))
}

func (w *ConfigurationsWriter) writeEnergies(group pq.SerialRowGroupWriter) error {
	if w.integer {
		return writeColumn[*pq.Int32ColumnChunkWriter](group, w.wholeEnergy, nil)
	}
	return writeColumn[*pq.Float64ColumnChunkWriter](group, w.energy, nil)
}

// AppendMetadata adds pairs that become known only while the file is written.
// They stand behind those given at the start.
func (w *ConfigurationsWriter) AppendMetadata(meta Metadata) {
	w.meta = append(w.meta, meta...)
}

// Commit writes what is left and puts the file in its place. On an error there
// is none.
func (w *ConfigurationsWriter) Commit() error {
	if w.err == nil {
		w.err = w.finish()
	}
	if w.err != nil {
		w.file.Abort()
		return w.failure()
	}
	w.err = errors.New("already committed")
	return w.file.Commit()
}

func (w *ConfigurationsWriter) finish() error {
	if len(w.chain) > 0 {
		if err := w.flushGroup(); err != nil {
			return err
		}
	}
	if err := w.meta.validate(); err != nil {
		return err
	}
	return w.parquet.finish(w.meta.stamped(configurationsFormat, KeyValue{sitesKey, strconv.Itoa(w.sites)}))
}

// Abort gives up: nothing is left of the file.
func (w *ConfigurationsWriter) Abort() {
	w.file.Abort()
	if w.err == nil {
		w.err = errors.New("aborted")
	}
}

func (w *ConfigurationsWriter) failure() error {
	if w.err == nil {
		return nil
	}
	return writeError(w.file.path, w.err)
}

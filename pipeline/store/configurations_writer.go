package store

import (
	"errors"
	"fmt"
	"slices"

	"github.com/apache/arrow/go/v17/arrow/memory"
)

// groupWriter writes a configurations file in one of the formats.
type groupWriter interface {
	writeGroup(*configurationGroup) error
	finish(Metadata) error // writes the end of the file
}

// ConfigurationsWriter writes one configurations file, batch by batch. It keeps
// one row group in memory. The file appears at Commit; Abort, which does
// nothing after Commit and can be deferred, leaves none.
type ConfigurationsWriter struct {
	file    *AtomicFile
	format  groupWriter
	sites   int
	integer bool // energies
	meta    Metadata
	group   configurationGroup // being filled
	err     error              // the first one; it sticks
}

// CreateConfigurations starts a file of configurations of the given number of
// sites, at least 1. It fails on metadata that cannot be written, on an unknown
// compression, and where the file cannot be created.
func CreateConfigurations(path string, sites int, layout ConfigurationLayout, meta Metadata) (*ConfigurationsWriter, error) {
	file, err := createVia(disk{}, layout.Scratch, path)
	if err != nil {
		return nil, err
	}
	return newConfigurationsWriter(file, sites, layout, meta, memory.NewGoAllocator())
}

func newConfigurationsWriter(file *AtomicFile, sites int, layout ConfigurationLayout, meta Metadata, allocator memory.Allocator) (_ *ConfigurationsWriter, err error) {
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
	format, err := layout.newWriter(file, sites, allocator)
	if err != nil {
		return nil, err
	}
	meta = append(Metadata{}, meta...)
	return &ConfigurationsWriter{file: file, format: format, sites: sites, integer: layout.IntegerEnergy, meta: meta}, nil
}

func (l ConfigurationLayout) newWriter(file *AtomicFile, sites int, allocator memory.Allocator) (groupWriter, error) {
	if l.Compression != "" && l.Compression != Uncompressed && l.Compression != Zstd {
		return nil, fmt.Errorf("compression %q: choose none or zstd", l.Compression)
	}
	switch l.Format {
	case "", ParquetFile:
		return newParquetConfigurations(file, sites, l, allocator)
	case ArrowFile:
		return newArrowConfigurations(file, sites, l, allocator)
	}
	return nil, fmt.Errorf("format %q: choose parquet or arrow", l.Format)
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
	g := &w.group
	for first := 0; first < batch.Rows(); {
		last := min(batch.Rows(), first+capacity-len(g.chain))
		g.chain = append(g.chain, batch.Chain[first:last]...)
		g.step = append(g.step, batch.Step[first:last]...)
		g.magnetization = append(g.magnetization, batch.Magnetization[first:last]...)
		if err := w.appendEnergies(batch.Energy[first:last]); err != nil {
			return err
		}
		if err := w.appendSpins(batch.Spins[first*words : last*words]); err != nil {
			return err
		}
		if len(g.chain) == capacity {
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
		w.group.energy = append(w.group.energy, energies...)
		return nil
	}
	for _, energy := range energies {
		// Out of range, the conversion gives some number, which then differs.
		whole := int32(energy)
		if float64(whole) != energy {
			return fmt.Errorf("energy %v is not a whole number of 32 bits, as this file's energies are", energy)
		}
		w.group.wholeEnergy = append(w.group.wholeEnergy, whole)
	}
	return nil
}

func (w *ConfigurationsWriter) appendSpins(spins []uint64) error {
	words, bytes, beyond := rowWords(w.sites), rowBytes(w.sites), overhang(w.sites)
	before := len(w.group.spins)
	w.group.spins = slices.Grow(w.group.spins, len(spins)/words*bytes)[:before+len(spins)/words*bytes]
	packed := w.group.spins[before:]
	for ; len(spins) > 0; spins, packed = spins[words:], packed[bytes:] {
		if spins[words-1]&beyond != 0 {
			return fmt.Errorf("a configuration has a spin beyond its %d sites", w.sites)
		}
		packRow(packed[:bytes], spins[:words])
	}
	return nil
}

// flushGroup writes the group and empties its buffers.
func (w *ConfigurationsWriter) flushGroup() error {
	defer w.group.clear()
	return w.format.writeGroup(&w.group)
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
	if len(w.group.chain) > 0 {
		if err := w.flushGroup(); err != nil {
			return err
		}
	}
	if err := w.meta.validate(); err != nil {
		return err
	}
	return w.format.finish(w.meta)
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

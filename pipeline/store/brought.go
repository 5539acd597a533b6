package store

import (
	"errors"
	"fmt"
	"io"
	"math/bits"
	"os"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow/memory"
)

// SpinsReader reads spins of any writer from beginning to end, in constant
// memory: a configurations file of this package; a list column of a Parquet
// file, of truth values or numbers; an array of an npz archive, n × N or
// n × L × L. Numbers are 0 and 1, or −1 and +1; 1 and true are up. Sites are in the order
// of the file.
type SpinsReader struct {
	source spinSource
	path   string
	own    bool
	err    error // it sticks
}

// spinSource is a file of spins in one of the forms. Batches of a foreign one
// have spins alone.
type spinSource interface {
	metadata() Metadata
	rows() int64
	siteCount() int
	next(limit int) (ConfigurationBatch, error)
	close() error
}

// spinsName is the column or array that is taken where several could be.
const spinsName = "spins"

// OpenSpins opens a file of spins. Of a Parquet file or npz archive of another
// program, column is the one to read; empty, it is the one called spins, or else the
// only one that can be. What is wrong with the file is a *FileError.
func OpenSpins(path, column string) (_ *SpinsReader, err error) {
	defer guard(path, &err)
	defer func() { adviseForeign(err) }()
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	defer func() {
		if err != nil {
			file.Close()
		}
	}()
	magic := make([]byte, 6)
	if _, err := file.ReadAt(magic, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("store: read %s: %w", path, err)
	}
	switch text := string(magic); {
	case text == arrowMagic, text[:4] == parquetMagic && isOwn(path, file):
		source, err := openOwnSpins(path, file)
		return &SpinsReader{source: source, path: path, own: true}, err
	case text[:4] == parquetMagic:
		source, err := openListColumn(path, file, column)
		return &SpinsReader{source: source, path: path}, err
	case text[:4] == "PK\x03\x04":
		source, err := openSpinArray(path, file, column)
		return &SpinsReader{source: source, path: path}, err
	}
	return nil, unfit(path, fmt.Sprintf("it begins with %q", magic), "spins are read from Parquet, from Arrow that isingrbm wrote, and from npz")
}

// adviseForeign says of a damaged file that isingrbm may not have written it.
func adviseForeign(err error) {
	if e := (*FileError)(nil); errors.As(err, &e) && e.Kind == ErrCorrupt {
		e.Advice = "have the program that wrote it write it again"
	}
}

// isOwn reports whether a Parquet file says that it holds configurations in the
// format of this package.
func isOwn(path string, file *os.File) bool {
	opened, err := openParquet(path, file, memory.NewGoAllocator())
	if err != nil {
		return false
	}
	format, _ := opened.meta.Get(formatKey)
	return format == configurationsFormat
}

// pick chooses the column or array to read among those that can be.
func pick(path, kind, wanted string, able, all []string) (string, error) {
	listed := func(names []string) string {
		const most = 12
		if len(names) > most {
			return strings.Join(names[:most], ", ") + ", …"
		}
		return strings.Join(names, ", ")
	}
	switch {
	case wanted != "" && slices.Contains(able, wanted):
		return wanted, nil
	case wanted != "" && slices.Contains(all, wanted):
		return "", unfit(path, fmt.Sprintf("%s %s does not hold configurations", kind, wanted), kindsOfSpins)
	case wanted != "":
		return "", unfit(path, fmt.Sprintf("no %s %s", kind, wanted), "it has "+listed(all))
	case slices.Contains(able, spinsName):
		return spinsName, nil
	case len(able) == 1:
		return able[0], nil
	case len(able) == 0:
		return "", unfit(path, fmt.Sprintf("it has no %s that holds configurations, but %s", kind, listed(all)), kindsOfSpins)
	}
	return "", unfit(path, fmt.Sprintf("it has several such %ss: %s", kind, listed(able)), fmt.Sprintf("say which: column = %q", able[0]))
}

const kindsOfSpins = "a row is a list of N truth values or numbers, an array n × N or n × L × L"

// Metadata returns what the file says about itself: of a configurations file
// the pairs of its writer, of others the key-value pairs of Parquet, or those of the array metadata of an archive.
func (r *SpinsReader) Metadata() Metadata { return r.source.metadata() }

// Own reports whether it is a configurations file of this package, with chains
// and steps.
func (r *SpinsReader) Own() bool { return r.own }

// Sites returns the number of spins of a configuration.
func (r *SpinsReader) Sites() int { return r.source.siteCount() }

// Rows returns the number of configurations.
func (r *SpinsReader) Rows() int64 { return r.source.rows() }

// Next returns the next configurations, at most limit of them, and io.EOF after the
// last. They are fewer at the end, and where so many would take too much memory. The
// batch is valid until the next call. That of a foreign file has all but the spins
// zero.
func (r *SpinsReader) Next(limit int) (batch ConfigurationBatch, err error) {
	if limit < 1 {
		panic("store: asked for less than one configuration")
	}
	if r.err != nil {
		return ConfigurationBatch{}, r.err
	}
	defer func() {
		adviseForeign(err)
		r.err = err
	}()
	defer guard(r.path, &err)
	return r.source.next(min(limit, max(1, broughtAtOnce/r.Sites())))
}

// broughtAtOnce is how many spins are read at a time, whatever a file says of its
// sizes: until they are read nothing shows whether it is true.
const broughtAtOnce = 1 << 22

// Close closes the file.
func (r *SpinsReader) Close() error { return r.source.close() }

// ownSpins is a configurations file of this package.
type ownSpins struct{ *ConfigurationsReader }

func openOwnSpins(path string, file *os.File) (ownSpins, error) {
	r, err := newConfigurationsReader(path, file, memory.NewGoAllocator())
	if err != nil {
		return ownSpins{}, err
	}
	r.closer = file
	return ownSpins{r}, nil
}

func (s ownSpins) metadata() Metadata                         { return s.Metadata() }
func (s ownSpins) rows() int64                                { return s.Rows() }
func (s ownSpins) siteCount() int                             { return s.Sites() }
func (s ownSpins) next(limit int) (ConfigurationBatch, error) { return s.Next(limit) }
func (s ownSpins) close() error                               { return s.Close() }

// spinPacker packs rows of foreign numbers, and holds them to be spins of one
// kind: 0 and 1, or −1 and +1.
type spinPacker struct {
	path  string
	sites int
	batch ConfigurationBatch
	row   int64 // the number of the next one in the file
	down  float64
	known bool // whether a spin that is down was seen, and so what down is
}

// start empties the batch and makes room for rows.
func (p *spinPacker) start(rows int) {
	b := &p.batch
	b.Chain, b.Step = grow(b.Chain, rows), grow(b.Step, rows)
	b.Energy, b.Magnetization = grow(b.Energy, rows), grow(b.Magnetization, rows)
	b.Spins = grow(b.Spins, rows*rowWords(p.sites))
	clear(b.Chain)
	clear(b.Step)
	clear(b.Energy)
	clear(b.Spins)
}

// pack packs row i of the batch from its values.
func (p *spinPacker) pack(i int, value func(site int) float64) error {
	words := rowWords(p.sites)
	row := p.batch.Spins[i*words : (i+1)*words]
	for site := range p.sites {
		x := value(site)
		if x == 1 {
			row[site/64] |= 1 << (site % 64)
			continue
		}
		if err := p.checkDown(x, site); err != nil {
			return err
		}
	}
	up := 0
	for _, word := range row {
		up += bits.OnesCount64(word)
	}
	p.batch.Magnetization[i] = int32(2*up - p.sites)
	p.row++
	return nil
}

func (p *spinPacker) checkDown(x float64, site int) error {
	const right = "spins are 0 and 1, or -1 and +1"
	switch {
	case x != 0 && x != -1:
		return unfit(p.path, fmt.Sprintf("row %d, site %d: %v is no spin", p.row, site, x), right)
	case !p.known:
		p.known, p.down = true, x
	case x != p.down:
		return unfit(p.path, fmt.Sprintf("row %d, site %d: %v, where spins before were %v", p.row, site, x, p.down), right)
	}
	return nil
}

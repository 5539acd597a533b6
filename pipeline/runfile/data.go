package runfile

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
)

// DataCell says L and T of files that do not say them themselves: an entry of
// data.cells.
type DataCell struct {
	File string // pattern, as in data.configurations
	L    int    // sites along a side
	T    Temperature
}

// Brought is what the files of [data] hold: who looked at them says it.
type Brought struct {
	Cells []BroughtCell // by L, then by T; each (L, key of T) once
}

// BroughtCell are the files of one size and temperature, in order.
type BroughtCell struct {
	L     int
	T     Temperature
	Files []BroughtFile
}

// BroughtFile is one of them.
type BroughtFile struct {
	Path   string // to open it by
	Name   string // seen from the run file
	Rows   int    // configurations
	SHA256 string
}

// Split returns how many configurations of the cell are for training, and how
// many, the last ones, are held out.
func (c BroughtCell) Split(validation float64) (training, heldOut int) {
	rows := 0
	for _, f := range c.Files {
		rows += f.Rows
	}
	heldOut = int(math.Round(float64(rows) * validation))
	return rows - heldOut, heldOut
}

// Cell returns the cell of a size and temperature, and whether there is one.
func (b *Brought) Cell(size int, t Temperature) (BroughtCell, bool) {
	i := slices.IndexFunc(b.Cells, func(c BroughtCell) bool { return c.L == size && c.T.Key() == t.Key() })
	if i < 0 {
		return BroughtCell{}, false
	}
	return b.Cells[i], true
}

// HasData reports whether a size of the run has data at a temperature: of those
// that are generated each has them, of brought ones those in the files.
func (r *Run) HasData(size int, t Temperature) bool {
	if r.Brought == nil {
		return true
	}
	_, ok := r.Brought.Cell(size, t)
	return ok
}

// Complete returns the run now that the files of [data] were looked at: with
// their sizes and temperatures, unless the run file says which to take, and
// with everything checked that hangs on them. Errors are those of Load.
func (r *Run) Complete(b *Brought) (*Run, error) { return r.file.run(b) }

// Refuse returns an error of problems with keys of the run file, of which key,
// message and hint are given: it shows them at their places.
func (r *Run) Refuse(problems ...Problem) error {
	reader := newReader(r.file.source, r.file.root)
	for _, p := range problems {
		reader.report(reader.spot(p.Key), p.Key, p.Message, p.Hint)
	}
	return reader.errors()
}

// ParseTemperature reads what Temperature.String writes.
func ParseTemperature(text string) (Temperature, error) {
	t, err := strconv.ParseFloat(text, 64)
	if err != nil || !(t == 0 || t >= lowestTemperature && (t <= highestTemperature || math.IsInf(t, 1))) {
		return 0, fmt.Errorf("%q is no temperature: %s", text, finiteForm)
	}
	return Temperature(t), nil
}

// brings reports whether the file brings its own spins.
func (r *reader) brings() bool {
	n := r.root.at("data.configurations")
	return n != nil && n.data != ""
}

// refuseGenerator reports a section that means nothing beside brought spins,
// and a table of files that are not read.
func (r *reader) refuseGenerator() {
	if n := r.root.at("monte_carlo"); n != nil && r.brings() && r.sound("monte_carlo") {
		r.report(n.key, "monte_carlo", "[monte_carlo] beside data.configurations: nothing is generated",
			"remove one of the two")
	}
	if n := r.root.at("data.cells"); n != nil && !r.brings() && len(n.entries) > 0 {
		r.report(n.place(), "data.cells", "files without configurations", `add configurations, such as "mine/*.npz", which names the files to read`)
	}
}

// readDataCells reads [{ file, L, T }, …].
func (r *reader) readDataCells(k Key, n *node) (cells []DataCell) {
	if _, ok := n.data.([]any); !ok {
		r.reportType(k, n, "a list")
		return nil
	}
	for _, entry := range n.entries {
		if c, ok := r.dataCell(k, entry); ok {
			cells = append(cells, c)
		}
	}
	return cells
}

func (r *reader) dataCell(k Key, n *node) (c DataCell, ok bool) {
	if _, isTable := n.data.(map[string]any); !isTable {
		r.reportType(k, n, "a table")
		return c, false
	}
	file := Key{Path: "file", Type: Text, also: []string{"path", "files", "name", "configurations"}}
	size := Key{Path: "L", Type: Integer, Range: Interval{Min: 2, Max: maxSites}, also: []string{"size", "l"}}
	temperature := Key{Path: "T", Type: Number, also: []string{"temperature", "t"}}
	before := len(r.problems)
	r.refuseUnknownFields(k, n, k.Form(), file, size, temperature)
	r.readField(k, n, k.Form(), file, &c.File)
	r.readField(k, n, k.Form(), size, &c.L)
	if t := n.fields["T"]; t == nil {
		r.reportField(k, n, temperature, k.Form())
	} else if value, sound := r.temperature(k, t); sound {
		c.T = value
	}
	return c, len(r.problems) == before
}

func dataCellText(c DataCell) string {
	return fmt.Sprintf("{ file = %s, L = %d, T = %s }", strconv.Quote(c.File), c.L, temperatureText(c.T))
}

// takeBrought takes sizes and temperatures from the files where the run file
// does not say them.
func (r *reader) takeBrought() {
	if r.brought == nil {
		return
	}
	at := r.spot("data.configurations")
	for _, c := range r.brought.Cells {
		if !r.given("lattice.sizes") && !slices.Contains(r.run.Lattice.Sizes, c.L) {
			r.run.Lattice.Sizes = append(r.run.Lattice.Sizes, c.L)
			r.sizes = append(r.sizes, placedSize{c.L, at})
		}
		if !r.given("sweep.temperatures") && !slices.ContainsFunc(r.run.Sweep.Temperatures, func(t Temperature) bool { return t.Key() == c.T.Key() }) {
			r.run.Sweep.Temperatures = append(r.run.Sweep.Temperatures, c.T)
			r.temperatures = append(r.temperatures, placedTemperature{c.T, at})
		}
	}
	slices.Sort(r.run.Lattice.Sizes)
	slices.SortFunc(r.run.Sweep.Temperatures, func(a, b Temperature) int { return cmp.Compare(a, b) })
}

// stored returns how many configurations there are to train on and held out, of
// the smallest cell where they are brought, and whether that is known.
func (r *reader) stored() (training, validation int, known bool) {
	if !r.brings() {
		return r.run.MonteCarlo.Configurations, r.run.MonteCarlo.Validation, true
	}
	if r.brought == nil || len(r.brought.Cells) == 0 {
		return 0, 0, false
	}
	training, validation = math.MaxInt, math.MaxInt
	for _, c := range r.brought.Cells {
		t, v := c.Split(r.run.Data.Validation)
		training, validation = min(training, t), min(validation, v)
	}
	return training, validation, true
}

package pipeline

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"image/png"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"isingrbm/ising"
	"isingrbm/pipeline/runfile"
	"isingrbm/pipeline/store"
)

// Inspection is what is in a file of a run directory.
type Inspection struct {
	store.Description
	Header  []string   // of the table of its contents; nil if there is none
	Rows    [][]string // of that table
	Drawing string     // of configurations
}

// drawnLattices is how many configurations an inspection draws.
const drawnLattices = 3

// Inspect reads a file of any kind that is in a run directory, and the run file. A
// file of no such kind is a *store.FileError.
func Inspect(path string) (Inspection, error) {
	d, err := store.Describe(path)
	i := Inspection{Description: d}
	if errors.Is(err, store.ErrForeign) {
		if known, err := i.other(path); known {
			return i, err
		}
	}
	if err != nil {
		return i, err
	}
	switch {
	case d.Contents == "configurations":
		err = i.configurations(path)
	case d.Format == store.CSVFile || d.Contents == "table":
		err = i.table(path)
	case d.Contents == "machine":
		err = i.machine(path)
	case d.Format == store.JSONFile:
		err = i.json(path)
	}
	return i, err
}

// other describes the kinds of files that package store does not know, and reports
// whether it is one.
func (i *Inspection) other(path string) (known bool, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return true, err
	}
	i.Path, i.Bytes = path, int64(len(text))
	switch ending := filepath.Ext(path); {
	case bytes.HasPrefix(text, []byte(checkpointMagic)):
		i.Format = "checkpoint"
		return true, i.checkpoint(path)
	case ending == ".toml":
		i.Format = "run file"
		return true, i.runFile(path)
	case ending == ".bib":
		i.Format = "BibTeX"
		i.matches(string(text), []string{"KEY", "TITLE"}, `@\w+\{(\w+),\s*author = [^\n]*\s*title = \{(.*)\}`)
	case ending == ".html":
		i.Format = "page"
		i.matches(string(text), []string{"TITLE"}, `<title>(.*)</title>`)
	case ending == ".svg":
		i.Format = "figure"
		i.matches(string(text), []string{"TITLE", "WHAT IT SHOWS"}, `(?s)<title[^>]*>([^<]*)</title>\s*<desc[^>]*>([^<]*)</desc>`)
	case ending == ".pdf" && bytes.HasPrefix(text, []byte("%PDF")):
		i.Format = "figure as PDF"
	case ending == ".png":
		c, err := png.DecodeConfig(bytes.NewReader(text))
		if err != nil {
			return false, nil
		}
		i.Format, i.Header, i.Rows = "figure as PNG", []string{"PIXELS"}, [][]string{{fmt.Sprintf("%d × %d", c.Width, c.Height)}}
	case filepath.Base(path) == logFile:
		i.Format = "log"
		i.log(text)
	default:
		return false, nil
	}
	return true, nil
}

// matches fills the table with the groups of a pattern.
func (i *Inspection) matches(text string, header []string, pattern string) {
	i.Header = header
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		i.Rows = append(i.Rows, m[1:])
	}
}

// log shows the ends of a log.
func (i *Inspection) log(text []byte) {
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	i.Header = []string{"LINE", "TEXT"}
	for k, line := range lines {
		if k < 3 || k >= len(lines)-3 {
			i.Rows = append(i.Rows, []string{strconv.Itoa(k + 1), line})
		}
	}
}

func (i *Inspection) runFile(path string) error {
	run, err := runfile.Load(path)
	if err != nil {
		return err
	}
	i.Header = []string{"KEY", "VALUE"}
	for _, kv := range run.Keys() {
		i.Rows = append(i.Rows, []string{kv.Key, kv.Value})
	}
	return nil
}

func (i *Inspection) checkpoint(path string) error {
	c, err := readCheckpoint(path)
	if err != nil {
		return err
	}
	i.Version, i.Header = strconv.Itoa(c.Format), []string{"WHAT", "VALUE"}
	i.Rows = [][]string{{"cell", c.Cell}, {"stage", string(c.Stage)}, {"records of the training", strconv.Itoa(len(c.Records))},
		{"trainer", fmt.Sprintf("%d bytes", len(c.Trainer))}, {"files begun", strconv.Itoa(len(c.Spools))}}
	if n := len(c.Records); n > 0 {
		i.Rows = append(i.Rows, []string{"last recorded update", strconv.Itoa(c.Records[n-1].Step)})
	}
	for _, in := range c.Inputs {
		i.Rows = append(i.Rows, []string{in.Key, in.Value})
	}
	return nil
}

func (i *Inspection) json(path string) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(raw, &object) != nil {
		return nil // a list; its length has been told
	}
	i.Header = []string{"KEY", "VALUE"}
	for _, column := range i.Columns { // in the order of the file
		var compact bytes.Buffer
		if err := json.Compact(&compact, object[column.Name]); err != nil {
			return err
		}
		i.Rows = append(i.Rows, []string{column.Name, shortened(compact.String(), 100)})
	}
	return nil
}

// shortened cuts a text at a number of letters.
func shortened(text string, limit int) string {
	if letters := []rune(text); len(letters) > limit {
		return string(letters[:limit]) + " …"
	}
	return text
}

// statistics collects what a table says of a column of numbers.
type statistics struct{ n, low, sum, squares, high, first float64 }

func (s *statistics) add(x float64) {
	if math.IsNaN(x) {
		return
	}
	if s.n == 0 {
		s.low, s.high, s.first = x, x, x
	}
	s.n++
	s.low, s.high = min(s.low, x), max(s.high, x)
	s.sum += x - s.first
	s.squares += float64((x - s.first) * (x - s.first))
}

func statisticsHeader() []string {
	return []string{"COLUMN", "VALUES", "MIN", "MEAN", "DEVIATION", "MAX"}
}

func (s statistics) record(name string) []string {
	digits := func(x float64) string { return strconv.FormatFloat(x, 'g', 6, 64) }
	if s.n == 0 {
		return []string{name, "0", "", "", "", ""}
	}
	mean := s.sum / s.n
	deviation := math.Sqrt(max(0, s.squares/s.n-float64(mean*mean)))
	return []string{name, strconv.Itoa(int(s.n)), digits(s.low), digits(s.first + mean), digits(deviation), digits(s.high)}
}

func (i *Inspection) machine(path string) error {
	arrays, _, err := store.ReadMachine(path)
	if err != nil {
		return err
	}
	i.Header = statisticsHeader()
	for _, a := range []struct {
		name   string
		values []float32
	}{{"W", arrays.Weights}, {"b", arrays.VisibleBias}, {"c", arrays.HiddenBias}} {
		var s statistics
		for _, x := range a.values {
			s.add(float64(x))
		}
		i.Rows = append(i.Rows, s.record(a.name))
	}
	return nil
}

func (i *Inspection) table(path string) error {
	var table store.Table
	var err error
	if i.Format == store.CSVFile {
		table, err = store.ReadCSV(path)
	} else {
		table, _, err = store.ReadTable(path)
	}
	if err != nil {
		return err
	}
	i.Header = statisticsHeader()
	for _, column := range table.Columns {
		if column.Kind == store.String {
			i.Rows = append(i.Rows, wordsOf(column))
			continue
		}
		var s statistics
		for row := range column.Len() {
			s.add(column.Float(row))
		}
		i.Rows = append(i.Rows, s.record(column.Name))
	}
	return nil
}

// wordsOf lists the distinct words of a column.
func wordsOf(column store.Column) []string {
	seen := map[string]bool{}
	n := 0
	for row := range column.Len() {
		if text := column.Text(row); text != "" {
			seen[text] = true
			n++
		}
	}
	return []string{column.Name, strconv.Itoa(n), shortened(strings.Join(slices.Sorted(maps.Keys(seen)), ", "), 60), "", "", ""}
}

// configurations measures all of them and draws the first of several chains.
func (i *Inspection) configurations(path string) error {
	r, err := store.OpenConfigurations(path)
	if err != nil {
		return err
	}
	defer r.Close()
	var energy, magnetization statistics
	chains := map[int32]bool{}
	var lattices [][]uint64
	words, spins := ising.Words(r.Sites()), float64(r.Sites())
	for {
		b, err := r.Next(4096)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		for k, chain := range b.Chain {
			energy.add(b.Energy[k] / spins)
			magnetization.add(float64(b.Magnetization[k]) / spins)
			if !chains[chain] && len(lattices) < drawnLattices {
				lattices = append(lattices, slices.Clone(b.Spins[k*words:(k+1)*words]))
			}
			chains[chain] = true
		}
	}
	i.Header = statisticsHeader()
	i.Rows = [][]string{energy.record("energy per spin"), magnetization.record("magnetization per spin"), {"chains", strconv.Itoa(len(chains)), "", "", "", ""}}
	meta := r.Metadata()
	kind, _ := meta.Get("lattice")
	text, _ := meta.Get("L")
	if size, err := strconv.Atoi(text); err == nil {
		i.Drawing = drawLattices(ising.Kind(kind), size, r.Sites(), lattices)
	}
	return nil
}

// Bounds of a drawing, in sites.
const (
	drawnWidth  = 96
	drawnHeight = 64
)

// drawLattices draws configurations with blocks, filled where spins are up: chains
// below each other, planes side by side, two rows a line; of what is too large the
// top left corner, and of three dimensions the first layer. It is empty for a
// lattice of another shape.
func drawLattices(kind ising.Kind, size, sites int, lattices [][]uint64) string {
	height := size
	switch {
	case kind == ising.Chain && sites == size:
		height = 1
	case (kind == ising.Square || kind == ising.Triangular) && sites == size*size, kind == ising.Cubic && sites == size*size*size:
	default:
		return ""
	}
	width, rows := min(size, drawnWidth), min(height, drawnHeight)
	var b strings.Builder
	if width < size || rows < height {
		fmt.Fprintf(&b, "the top left %d × %d sites of each\n", width, rows)
	}
	if kind == ising.Cubic {
		b.WriteString("the first layer of each\n")
	}
	perLine := max(1, (drawnWidth+2)/(width+2))
	if height == 1 {
		perLine = 1
	}
	for group := range slices.Chunk(lattices, perLine) {
		drawGroup(&b, group, size, width, rows)
	}
	return b.String()
}

// drawGroup draws configurations side by side.
func drawGroup(w *strings.Builder, group [][]uint64, size, width, rows int) {
	up := func(spins []uint64, x, y int) bool {
		site := y*size + x
		return y < rows && spins[site/64]>>(site%64)&1 == 1
	}
	for y := 0; y < rows; y += 2 {
		for k, spins := range group {
			if k > 0 {
				w.WriteString("  ")
			}
			for x := range width {
				top, bottom := up(spins, x, y), up(spins, x, y+1)
				w.WriteRune([]rune("·▄▀█")[2*index(top)+index(bottom)])
			}
		}
		w.WriteByte('\n')
	}
	if rows > 1 {
		w.WriteByte('\n')
	}
}

func index(b bool) int {
	if b {
		return 1
	}
	return 0
}

package runfile

import (
	"math"
	"strconv"
	"strings"
)

// Type is what a key's value may be.
type Type string

// The types of values. An integer whose key has words may be one of them
// instead: thinning = "auto".
const (
	Integer         Type = "integer"
	Number          Type = "number"
	Boolean         Type = "boolean"
	Word            Type = "word"     // one of the key's words
	Text            Type = "text"     // one line of anything
	Duration        Type = "duration" // "2:00:00", "1-12:00:00"
	Size            Type = "size"     // "4G", in bytes
	Integers        Type = "list of integers"
	Words           Type = "list of words"
	Texts           Type = "list of texts"
	UnitCounts      Type = "list of integers or multiples of N" // [64, "2N"]
	Temperatures    Type = "temperatures"                       // a range or a list
	TemperatureList Type = "list of temperatures"
	DataCells       Type = "list of tables with file, L and T"
)

// pattern says which texts a key of type Text or Texts takes.
type pattern struct {
	allows func(string) bool
	form   string // in words, behind the type's own
}

// Interval bounds a number. Infinite bounds are never reached.
type Interval struct {
	Min, Max         float64
	OpenMin, OpenMax bool // the bound itself is outside
	NotZero          bool // 0 is outside
}

// Contains reports whether x is a number within the bounds; nan is not.
func (i Interval) Contains(x float64) bool {
	above := x > i.Min || x == i.Min && !i.OpenMin
	below := x < i.Max || x == i.Max && !i.OpenMax
	return above && below && !math.IsInf(x, 0) && !(i.NotZero && x == 0)
}

// String is the interval in words: "above 0, at most 10".
func (i Interval) String() string {
	lower, upper := "at least ", "at most "
	if i.OpenMin {
		lower = "above "
	}
	if i.OpenMax {
		upper = "below "
	}
	low, high := !math.IsInf(i.Min, 0), !math.IsInf(i.Max, 0)
	switch {
	case i.NotZero:
		return plain(i.Min) + " to " + plain(i.Max) + ", not 0"
	case low && high && !i.OpenMin && !i.OpenMax:
		return plain(i.Min) + " to " + plain(i.Max)
	case low && high:
		return lower + plain(i.Min) + ", " + upper + plain(i.Max)
	case low:
		return lower + plain(i.Min)
	case high:
		return upper + plain(i.Max)
	}
	return "not infinite"
}

// Section is a section of the run file.
type Section struct {
	Name string
	Doc  string
}

// Key describes one key of the run file.
type Key struct {
	Path     string // "section.name"; "seed" stands before all sections
	Type     Type
	Unit     string   // of a number; "" if it has none
	Range    Interval // of a number or of each entry of a list of numbers
	Words    []string // that are values
	Default  string   // TOML text; for a required key what Template writes; "" if a preset decides
	Example  string   // TOML text for a key that is unset by default
	Required bool     // has no default; a key of [rbm] only where the section stands
	Doc      string   // one line

	also  []string         // what others call it
	texts pattern          // of a text, or of each in a list; zero: any of one line
	field func(r *Run) any // pointer to where its value is kept
}

// Section returns the part of the path before the point, "" for seed.
func (k Key) Section() string {
	section, _, found := strings.Cut(k.Path, ".")
	if !found {
		return ""
	}
	return section
}

// Name returns the key as it is written in its section.
func (k Key) Name() string {
	return k.Path[strings.LastIndexByte(k.Path, '.')+1:]
}

// Form says in words what may be written: "an integer, 1 to 1000".
func (k Key) Form() string {
	switch k.Type {
	case Integer:
		return strings.Join(append([]string{"an integer, " + k.Range.String()}, quoted(k.Words)...), ", or ")
	case Number:
		return "a number, " + k.Range.String()
	case Boolean:
		return "true or false"
	case Word:
		return alternatives(k.Words)
	case Text:
		return "text of one line" + k.texts.form
	case Texts:
		return "a list of texts, each of one line" + k.texts.form
	case Duration:
		return `hours, minutes and seconds such as "2:00:00", or with days "1-12:00:00"`
	case Size:
		return strings.Join(append([]string{`a size such as "500M" or "4G"`}, quoted(k.Words)...), ", or ")
	case Integers:
		return "a list of integers, each " + k.Range.String() + ", such as " + k.Default
	case Words:
		return "a list of any of " + strings.Join(quoted(k.Words), ", ")
	case UnitCounts:
		return `a list of integers, each ` + k.Range.String() + `, or multiples of N, such as [64, "2N"]`
	case DataCells:
		return `a list such as [{ file = "mine/T2.5.npz", L = 8, T = 2.5 }]`
	case TemperatureList:
		return `a list of numbers, "Tc" and "inf"`
	case Temperatures:
		return `a range such as { from = 1.0, to = 3.5, count = 21 }, or a list of numbers, "Tc" and "inf"`
	}
	panic("runfile: key without a type")
}

// quoted puts each word in the quotes that TOML wants.
func quoted(words []string) []string {
	list := make([]string, len(words))
	for i, w := range words {
		list[i] = strconv.Quote(w)
	}
	return list
}

// alternatives lists words: "a", "b" or "c".
func alternatives(words []string) string {
	list := quoted(words)
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:len(list)-1], ", ") + " or " + list[len(list)-1]
}

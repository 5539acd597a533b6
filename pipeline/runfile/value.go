package runfile

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"
)

// read checks a value by its key's type, range and words, and keeps it.
func (r *reader) read(k Key, n *node, field any) {
	switch field := field.(type) {
	case *uint64:
		if v, ok := r.integer(k, n); ok {
			*field = uint64(v)
		}
	case *int:
		if v, ok := r.integer(k, n); ok {
			*field = int(v)
		}
	case *float64:
		if v, ok := r.number(k, n); ok {
			*field = v
		}
	case *bool:
		if v, ok := n.data.(bool); ok {
			*field = v
		} else {
			r.reportType(k, n, "true or false")
		}
	case *string:
		if v, ok := r.wordOrText(k, n); ok {
			*field = v
		}
	case *time.Duration:
		if v, ok := r.duration(k, n); ok {
			*field = v
		}
	case *int64:
		if v, ok := r.size(k, n); ok {
			*field = v
		}
	case *[]int:
		r.readSizes(k, n, field)
	case *[]string:
		r.readTexts(k, n, field)
	case *[]Hidden:
		*field, r.hidden = collect(r, k, n, r.unitCount)
	case *[]DataCell:
		*field = r.readDataCells(k, n)
	case *Starts:
		*field, r.starts = collect(r, k, n, r.temperature)
	case *[]Temperature:
		r.readTemperatures(k, n)
	default:
		panic(fmt.Sprintf("runfile: field of type %T", field))
	}
}

// integer reads an integer in the key's range; a word of the key is 0.
func (r *reader) integer(k Key, n *node) (int64, bool) {
	if _, isText := n.data.(string); isText && len(k.Words) > 0 {
		_, ok := r.word(k, n)
		return 0, ok
	}
	v, ok := n.data.(int64)
	if !ok {
		r.reportType(k, n, "an integer")
		return 0, false
	}
	return v, r.inRange(k, n, float64(v))
}

// number reads a number in the key's range; an integer is one.
func (r *reader) number(k Key, n *node) (float64, bool) {
	v, ok := n.data.(float64)
	if i, isInteger := n.data.(int64); isInteger {
		v, ok = float64(i), true
	}
	if !ok {
		r.reportType(k, n, "a number")
		return 0, false
	}
	if v == 0 {
		v = 0 // not −0
	}
	return v, r.inRange(k, n, v)
}

func (r *reader) inRange(k Key, n *node, v float64) bool {
	if !k.Range.Contains(v) {
		r.report(n.place(), k.Path, fmt.Sprintf("%s is out of range", r.source.quote(n.place())), k.Name()+" is "+k.Form())
		return false
	}
	return true
}

// word reads one of the key's words.
func (r *reader) word(k Key, n *node) (string, bool) {
	v, ok := n.data.(string)
	if !ok {
		r.reportType(k, n, "text")
		return "", false
	}
	if slices.Contains(k.Words, v) {
		return v, true
	}
	hint := "this version knows " + alternatives(k.Words)
	if near := nearest(v, k.Words); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	} else if k.Type == Integer {
		hint = k.Name() + " is " + k.Form()
	}
	r.report(n.place(), k.Path, fmt.Sprintf("%s is not known", r.source.quote(n.place())), hint)
	return "", false
}

// longestList is far beyond any sweep.
const longestList = 10_000

// list returns the entries of a list that has some.
func (r *reader) list(k Key, n *node) []*node {
	if _, ok := n.data.([]any); !ok {
		r.reportType(k, n, "a list")
		return nil
	}
	switch size := len(n.entries); {
	case size == 0 && k.Type != Words && k.Type != Texts && k.Type != TemperatureList:
		r.report(n.place(), k.Path, "the list is empty", k.Name()+" is "+k.Form())
	case size > longestList:
		r.report(n.place(), k.Path, fmt.Sprintf("the list has %s entries", grouped(int64(size))), fmt.Sprintf("at most %s", grouped(longestList)))
		return nil
	}
	return n.entries
}

// collect reads the entries of a list, each of which may stand once.
func collect[T comparable](r *reader, k Key, n *node, read func(Key, *node) (T, bool)) (values []T, at []span) {
	for _, entry := range r.list(k, n) {
		v, ok := read(k, entry)
		switch {
		case !ok:
		case slices.Contains(values, v):
			r.report(entry.place(), k.Path, fmt.Sprintf("%s is given twice", r.source.quote(entry.place())), "remove one of the two")
		default:
			values, at = append(values, v), append(at, entry.place())
		}
	}
	return values, at
}

// readSizes reads the lattice sizes and sorts them.
func (r *reader) readSizes(k Key, n *node, field *[]int) {
	sizes, at := collect(r, k, n, r.integer)
	for i, size := range sizes {
		*field = append(*field, int(size))
		r.sizes = append(r.sizes, placedSize{int(size), at[i]})
	}
	slices.Sort(*field)
}

// unitCount reads 64 or "2N".
func (r *reader) unitCount(k Key, n *node) (Hidden, bool) {
	text, ok := n.data.(string)
	if !ok {
		v, ok := r.integer(k, n)
		return Hidden{Number: int(v)}, ok
	}
	h, err := parsePerSite(text)
	if err != nil {
		hint := `a multiple of N is written "2N"`
		if _, err := strconv.Atoi(text); err == nil {
			hint = fmt.Sprintf("write %s without quotes", text)
		}
		r.report(n.place(), k.Path, fmt.Sprintf("%s is no number of units", r.source.quote(n.place())), hint)
		return Hidden{}, false
	}
	return h, true
}

// reportType reports a value of the wrong type.
func (r *reader) reportType(k Key, n *node, want string) {
	text := r.source.quote(n.place())
	r.report(n.place(), k.Path, fmt.Sprintf("%s is %s, not %s", text, typeName(n.data), want), typeHint(k, n.data, text, want))
}

// typeHint says how a value of the wrong type would be written, or else what
// the key wants.
func typeHint(k Key, data any, text, want string) string {
	switch v := data.(type) {
	case float64:
		if want == "an integer" && v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return "write " + grouped(int64(v))
		}
	case string:
		if _, err := strconv.ParseFloat(v, 64); err == nil && (want == "an integer" || want == "a number") {
			return fmt.Sprintf("write %s without quotes", printable(v))
		}
		if v == "true" || v == "false" {
			return fmt.Sprintf("write %s without quotes", v)
		}
	}
	if want == "a list" && isEntry(data) {
		return fmt.Sprintf("a list stands in brackets: %s = [%s]", k.Name(), text)
	}
	return k.Name() + " is " + k.Form()
}

// isEntry reports whether a value could be an entry of a list of integers or
// words.
func isEntry(data any) bool {
	switch data.(type) {
	case int64, string:
		return true
	}
	return false
}

// typeName names the type of a decoded value: "an integer".
func typeName(data any) string {
	switch data.(type) {
	case int64:
		return "an integer"
	case float64:
		return "a decimal number"
	case string:
		return "text"
	case bool:
		return "a truth value"
	case []any:
		return "a list"
	case map[string]any:
		return "a table"
	case []map[string]any:
		return "a list of tables"
	}
	return "a date or time"
}

package runfile

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"

	"isingrbm/ising/exact"
)

// placedTemperature is a temperature and where the file has it.
type placedTemperature struct {
	value Temperature
	at    span
}

// The bounds of a temperature that is neither 0 nor infinite: below the
// smallest its key would be that of 0, above the largest every bond is
// independent to all digits.
const (
	lowestTemperature  = 1e-6
	highestTemperature = 1e9
)

// temperatureRange are the keys of { from, to, count }.
type temperatureRange struct {
	from, to float64
	count    int
}

func rangeKeys() (from, to, count Key) {
	bounds := Interval{Min: math.Inf(-1), Max: math.Inf(1)}
	from = Key{Path: "from", Type: Number, Range: bounds, also: []string{"start", "min", "begin"}}
	to = Key{Path: "to", Type: Number, Range: bounds, also: []string{"end", "stop", "max"}}
	count = Key{Path: "count", Type: Integer, Range: Interval{Min: 2, Max: 10_000}, also: []string{"number", "n", "points", "steps", "num"}}
	return from, to, count
}

// readTemperatures reads a range or a list, sorts it and refuses common keys.
func (r *reader) readTemperatures(k Key, n *node) {
	switch n.data.(type) {
	case map[string]any:
		r.readRange(k, n)
	case []any:
		for _, entry := range r.list(k, n) {
			if t, ok := r.temperature(k, entry); ok {
				r.temperatures = append(r.temperatures, placedTemperature{t, entry.place()})
			}
		}
	default:
		r.reportType(k, n, "a range or a list")
		return
	}
	slices.SortStableFunc(r.temperatures, func(a, b placedTemperature) int { return cmp.Compare(a.value, b.value) })
	r.refuseCommonKeys(k)
	for _, t := range r.temperatures {
		r.run.Sweep.Temperatures = append(r.run.Sweep.Temperatures, t.value)
	}
}

// readRange reads { from, to, count }, both ends included.
func (r *reader) readRange(k Key, n *node) {
	var v temperatureRange
	from, to, count := rangeKeys()
	before := len(r.problems)
	r.refuseUnknownFields(k, n, rangeForm, from, to, count)
	r.readField(k, n, rangeForm, from, &v.from)
	r.readField(k, n, rangeForm, to, &v.to)
	r.readField(k, n, rangeForm, count, &v.count)
	if len(r.problems) > before || !r.endOfRange(k, n.fields["from"], v.from) || !r.endOfRange(k, n.fields["to"], v.to) {
		return
	}
	if v.from >= v.to {
		r.report(n.fields["to"].place(), k.Path,
			fmt.Sprintf("to = %s is not above from = %s", r.source.quote(n.fields["to"].place()), r.source.quote(n.fields["from"].place())),
			"a range goes upwards; a single temperature is a list: [2.5]")
		return
	}
	for i := range v.count {
		step := float64((v.to - v.from) / float64(v.count-1))
		t := rounded(v.from + float64(step*float64(i)))
		r.temperatures = append(r.temperatures, placedTemperature{t, n.place()})
	}
}

// rangeForm says how a range is written.
const rangeForm = "a range is written { from = 1.0, to = 3.5, count = 21 }"

// readField reads one key of a table in braces, whose form is as given, and
// reports it under the table's key.
func (r *reader) readField(k Key, n *node, form string, field Key, value any) {
	f := n.fields[field.Path]
	if f == nil {
		r.reportField(k, n, field, form)
		return
	}
	named := field
	named.Path = k.Path + "." + field.Path
	r.read(named, f, value)
	if !r.sound(named.Path) {
		r.unsound[k.Path] = true
	}
}

// reportField reports a key that a table in braces lacks.
func (r *reader) reportField(k Key, n *node, field Key, form string) {
	if r.sound(k.Path) {
		r.report(n.place(), k.Path, field.Path+" is missing", form)
	}
}

func (r *reader) refuseUnknownFields(k Key, n *node, form string, fields ...Key) {
	for _, name := range n.names {
		if slices.Contains(names(fields), name) {
			continue
		}
		hint := form
		if near, ok := called(name, fields); ok {
			hint = "did you mean " + near.Name() + "?"
		}
		r.report(n.fields[name].key, k.Path, "unknown key "+r.source.quote(n.fields[name].key), hint)
	}
}

// endOfRange checks an end of a range.
func (r *reader) endOfRange(k Key, n *node, v float64) bool {
	_, ok := r.temperatureNumber(k, n, v)
	return ok
}

// temperature reads an entry of a list.
func (r *reader) temperature(k Key, n *node) (Temperature, bool) {
	switch v := n.data.(type) {
	case int64:
		return r.temperatureNumber(k, n, float64(v))
	case float64:
		return r.temperatureNumber(k, n, v)
	case string:
		return r.temperatureWord(k, n, v)
	}
	r.report(n.place(), k.Path, fmt.Sprintf("%s is %s, not a temperature", r.source.quote(n.place()), typeName(n.data)), temperatureForm)
	return 0, false
}

// What may be written as an entry of a list, and as a number.
const (
	temperatureForm = `a temperature is a number, "Tc" or "inf"`
	finiteForm      = "a finite temperature is 0, or from 1e-6 to 1e9"
)

func (r *reader) temperatureNumber(k Key, n *node, v float64) (Temperature, bool) {
	switch {
	case math.IsInf(v, 1):
		return Temperature(v), true
	case v == 0 || v >= lowestTemperature && v <= highestTemperature:
		return rounded(v), true
	}
	r.report(n.place(), k.Path, fmt.Sprintf("%s is no temperature", r.source.quote(n.place())),
		finiteForm)
	return 0, false
}

func (r *reader) temperatureWord(k Key, n *node, v string) (Temperature, bool) {
	switch v {
	case "inf":
		return Temperature(math.Inf(1)), true
	case "Tc":
		return r.criticalTemperature(k, n)
	}
	hint := temperatureForm
	if near := nearest(v, []string{"Tc", "inf"}); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	} else if _, err := strconv.ParseFloat(v, 64); err == nil {
		hint = fmt.Sprintf("write %s without quotes", printable(v))
	}
	r.report(n.place(), k.Path, fmt.Sprintf("%s is no temperature", r.source.quote(n.place())), hint)
	return 0, false
}

// criticalTemperature returns T_c |J| of the lattice that the file asks for;
// nothing if the file does not say soundly which.
func (r *reader) criticalTemperature(k Key, n *node) (Temperature, bool) {
	if !r.sound("lattice.kind", "lattice.coupling") {
		return 0, false
	}
	lattice := r.run.Lattice
	critical, ok := exact.CriticalTemperature(lattice.Kind)
	if !ok {
		r.report(n.place(), k.Path, fmt.Sprintf("the %s lattice has no critical temperature", lattice.Kind), "write a number")
		return 0, false
	}
	if lattice.alwaysFrustrated() {
		r.report(n.place(), k.Path, fmt.Sprintf("the antiferromagnetic %s lattice has no critical temperature", lattice.Kind), "write a number")
		return 0, false
	}
	t := Temperature(critical * math.Abs(lattice.Coupling))
	if t < lowestTemperature {
		r.report(n.place(), k.Path, fmt.Sprintf("%s is %s, too low", r.source.quote(n.place()), t), finiteForm)
		return 0, false
	}
	return t, true
}

// refuseCommonKeys reports temperatures that folders and random streams could
// not tell apart; of a range only the first pair.
func (r *reader) refuseCommonKeys(k Key) {
	for i := 1; i < len(r.temperatures); i++ {
		a, b := r.temperatures[i-1], r.temperatures[i]
		if a.value.Key() != b.value.Key() {
			continue
		}
		if a.at == b.at {
			r.report(b.at, k.Path, fmt.Sprintf("%s and %s have one key, %s", a.value, b.value, b.value.Key()),
				"temperatures are at least 0.000001 apart: take a smaller count")
			return
		}
		if a.at.start > b.at.start {
			a, b = b, a
		}
		first, second := r.source.quote(a.at), r.source.quote(b.at)
		if a.value == b.value {
			r.report(b.at, k.Path, fmt.Sprintf("%s and %s are one temperature", first, second), "remove one of the two")
			continue
		}
		r.report(b.at, k.Path, fmt.Sprintf("%s and %s have one key, %s", first, second, b.value.Key()),
			"temperatures are at least 0.000001 apart: remove one of the two")
	}
}

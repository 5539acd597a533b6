package runfile

import (
	"fmt"
	"slices"
	"strings"
)

// reader turns the tree of a file into a run and collects what is wrong with
// it. It never stops at a problem: what depends on an unsound key is left
// unchecked.
type reader struct {
	source   source
	root     *node
	profile  *node // values that come before the defaults; nil: none
	run      *Run
	problems []Problem
	more     int             // problems beyond mostProblems
	unsound  map[string]bool // keys, and whole sections, that had a problem

	temperatures []placedTemperature
	sizes        []placedSize
	starts       []span        // where the entries of flow.from stand
	hidden       []span        // where the entries of rbm.hidden stand
	refused      map[span]bool // temperatures that were reported
	brought      *Brought      // what the files of [data] hold, once they were looked at
}

func newReader(src source, root *node) *reader {
	return &reader{source: src, root: root, run: &Run{given: make(map[string]bool)}, unsound: make(map[string]bool), refused: make(map[span]bool)}
}

// mostProblems is more than anybody mends at once: a file with more is another file,
// and finding the place of each takes time that grows with the length of its line.
const mostProblems = 100

// report records a problem with a key at a place in the file.
func (r *reader) report(at span, key, message, hint string) {
	r.unsound[key] = true
	if len(r.problems) == mostProblems {
		r.more++
		return
	}
	p := Problem{Key: key, Message: message, Hint: hint, Width: r.source.width(at)}
	p.Line, p.Column = r.source.place(at.start)
	r.problems = append(r.problems, p)
}

// errors is all that was reported.
func (r *reader) errors() *Errors {
	e := newErrors(r.source, r.problems)
	e.More = r.more
	return e
}

// sound reports whether keys, and the sections they are in, had no problem.
func (r *reader) sound(paths ...string) bool {
	return !slices.ContainsFunc(paths, func(path string) bool {
		section, _, _ := strings.Cut(path, ".")
		return r.unsound[path] || r.unsound[section]
	})
}

// given reports whether the file itself has the key.
func (r *reader) given(path string) bool { return r.root.at(path) != nil }

// spot is where a problem with several keys is shown: at the first of them
// that the file has.
func (r *reader) spot(paths ...string) span {
	for _, path := range paths {
		if n := r.root.at(path); n != nil {
			return n.place()
		}
	}
	return span{}
}

// readAll reads every key, from the file or else from the defaults.
func (r *reader) readAll() {
	r.refuseUnknown()
	r.refuseOrphans()
	r.refuseGenerator()
	if r.given("rbm") || !r.sound("rbm") {
		r.run.RBM = &RBM{}
	}
	defaults := defaultTree()
	r.readSection("", defaults)
	for _, s := range sections {
		if r.run.RBM != nil || !needsRBM(s.Name) {
			r.readSection(s.Name, defaults)
		}
	}
}

// readSection reads the keys of a section, "" for those before all sections.
func (r *reader) readSection(section string, defaults *node) {
	if !r.sound(section) {
		return
	}
	for _, k := range inSection(section) {
		r.readKey(k, defaults)
	}
}

// readKey reads one key; the preset brings its settings with it.
func (r *reader) readKey(k Key, defaults *node) {
	switch n := r.root.at(k.Path); {
	case n != nil:
		r.run.given[k.Path] = true
		r.read(k, n, k.field(r.run))
	case k.Required && r.brings() && (k.Path == "lattice.sizes" || k.Path == "sweep.temperatures"):
		// They are those of the files.
	case k.Required:
		r.reportMissing(k)
	case r.profile != nil && r.profile.at(k.Path) != nil:
		r.read(k, r.profile.at(k.Path), k.field(r.run))
	case k.Default != "":
		r.read(k, defaults.at(k.Path), k.field(r.run))
	}
	if k.Path == "training.preset" && r.sound(k.Path) {
		r.run.Training = preset(r.run.Training.Preset, r.asksForTies())
	}
}

// asksForTies reports whether the file's symmetry is one that ties a machine; what a
// preset sets depends on it.
func (r *reader) asksForTies() bool {
	n := r.root.at("training.symmetry")
	if n == nil {
		return false
	}
	symmetry, _ := n.data.(string)
	return tied(symmetry)
}

// defaultTree returns the defaults as if they stood in a file.
func defaultTree() *node {
	root := newTable()
	for _, k := range keys {
		if k.Default == "" {
			continue
		}
		data, err := decode("value = " + k.Default)
		if err != nil {
			panic("runfile: a default is not TOML: " + k.Path)
		}
		table := root
		for name := range strings.SplitSeq(k.Path, ".") {
			table = table.field(name, span{})
		}
		table.attach(data["value"])
	}
	return root
}

// refuseOrphans reports sections that mean nothing without [rbm], which then
// counts as unsound: what they hold is read all the same.
func (r *reader) refuseOrphans() {
	if r.given("rbm") || !r.sound("rbm") {
		return
	}
	for _, s := range sections {
		if n := r.root.at(s.Name); n != nil && needsRBM(s.Name) && r.sound(s.Name) {
			r.report(n.key, "rbm", fmt.Sprintf("[%s] without [rbm]: there is no machine", s.Name),
				"add [rbm] with hidden = [64], or remove this section for a Monte Carlo study")
		}
	}
}

// reportMissing reports a required key at its section, or at the end of a file
// that lacks that too.
func (r *reader) reportMissing(k Key) {
	if !r.sound(k.Path) {
		return
	}
	message := k.Name() + " is missing"
	hint := fmt.Sprintf("add %s = %s", k.Name(), k.Default)
	if section := r.root.at(k.Section()); section != nil {
		r.report(section.key, k.Path, message, hint)
		return
	}
	end := len(strings.TrimRight(r.source.text, " \t\r\n"))
	r.report(span{end, end}, k.Path, message, fmt.Sprintf("%s in a section [%s]", hint, k.Section()))
}

package runfile

import (
	"fmt"
	"slices"
	"strings"
)

// refuseUnknown reports every name of the file that the table of keys lacks,
// and every section that is no section.
func (r *reader) refuseUnknown() {
	for _, name := range r.root.names {
		n := r.root.fields[name]
		if _, isKey := find(name); isKey {
			continue
		}
		if !slices.Contains(sectionNames(), name) {
			r.reportUnknown("", name, n)
			continue
		}
		if _, isTable := n.data.(map[string]any); !isTable {
			r.report(n.place(), name, fmt.Sprintf("%s is a section, not %s", name, typeName(n.data)),
				fmt.Sprintf("write the heading [%s] once, and its keys below", name))
			continue
		}
		for _, key := range n.names {
			if _, isKey := find(name + "." + key); !isKey {
				r.reportUnknown(name, key, n.fields[key])
			}
		}
	}
}

// reportUnknown reports a name that a section, or the file where section is
// "", does not have. What was meant instead counts as unsound, so that it is
// not reported as missing too.
func (r *reader) reportUnknown(section, name string, n *node) {
	path, kind := name, "key"
	if section != "" {
		path = section + "." + name
	} else if _, isTable := n.data.(map[string]any); isTable {
		kind = "section"
	}
	hint, meant := unknownHint(section, name, kind)
	if meant != "" {
		r.unsound[meant] = true
	}
	r.report(n.key, printable(path), fmt.Sprintf("unknown %s %s", kind, r.source.quote(n.key)), hint)
}

// unknownHint says what an unknown name was meant to be, as a sentence and,
// where that is certain enough, as a path.
func unknownHint(section, name, kind string) (hint, meant string) {
	if k, ok := called(name, inSection(section)); ok && kind == "key" {
		return "did you mean " + k.Name() + "?", k.Path
	}
	if near := nearest(name, sectionNames()); near != "" && section == "" {
		return fmt.Sprintf("did you mean [%s]?", near), near
	}
	for _, k := range keys {
		if k.Name() == name && k.Section() != "" {
			return fmt.Sprintf("%s belongs in [%s]", name, k.Section()), k.Path
		}
	}
	if section != "" {
		return fmt.Sprintf("[%s] has %s", section, strings.Join(names(inSection(section)), ", ")), ""
	}
	return "the sections are [" + strings.Join(sectionNames(), "], [") + "]; only seed stands before them", ""
}

// called returns the key that goes by a misspelled or foreign name.
func called(name string, among []Key) (Key, bool) {
	for _, k := range among {
		if slices.Contains(k.also, name) {
			return k, true
		}
	}
	if near := nearest(name, names(among)); near != "" {
		return among[slices.Index(names(among), near)], true
	}
	for _, k := range among {
		if slices.Contains(k.also, fold(name)) {
			return k, true
		}
	}
	return Key{}, false
}

func sectionNames() []string {
	list := make([]string, len(sections))
	for i, s := range sections {
		list[i] = s.Name
	}
	return list
}

func names(of []Key) []string {
	list := make([]string, len(of))
	for i, k := range of {
		list[i] = k.Name()
	}
	return list
}

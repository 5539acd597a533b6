package runfile

import "strings"

// templateWidth is where the template's comments wrap.
const templateWidth = 80

// Template returns a run file to start from: complete, with a comment for
// every key, valid, and equal to the defaults. What presets decide is shown
// with the values of the default preset and commented out, so that a preset
// chosen instead is not overridden.
func Template() string {
	var b strings.Builder
	comment(&b, "# ", "A run file of isingrbm. Text stands in quotes, digits may be grouped as in 100_000, and what is left out takes the value shown here unless it is marked as required.")
	defaults := Run{Training: presets[0], RBM: &RBM{}}
	section := ""
	for _, k := range keys {
		if s := k.Section(); s != section {
			section = s
			heading(&b, section)
		}
		b.WriteString("\n")
		comment(&b, "# ", k.Doc)
		comment(&b, "#   ", k.about())
		b.WriteString(k.assignment(&defaults) + "\n")
	}
	return b.String()
}

func heading(b *strings.Builder, name string) {
	for _, s := range sections {
		if s.Name == name {
			b.WriteString("\n\n[" + name + "]\n")
			comment(b, "# ", s.Doc)
		}
	}
}

// about says what may be written, and in which unit.
func (k Key) about() string {
	text := k.Form()
	if k.Unit != "" {
		text += " (" + k.Unit + ")"
	}
	if k.Required {
		text += "; required"
	}
	return text
}

// assignment writes key = default; a key that a preset decides as a comment.
func (k Key) assignment(defaults *Run) string {
	switch {
	case k.Default != "":
		return k.Name() + " = " + k.Default
	case k.Example != "":
		return "# " + k.Name() + " = " + k.Example
	}
	field := k.field(defaults)
	if count, ok := field.(*int); ok {
		return "# " + k.Name() + " = " + grouped(int64(*count))
	}
	return "# " + k.Name() + " = " + canonical(k, field)
}

// comment writes a text as wrapped lines that begin with a mark.
func comment(b *strings.Builder, mark, text string) {
	line := mark
	for word := range strings.FieldsSeq(text) {
		switch {
		case line == mark:
			line += word
		case len(line)+1+len(word) > templateWidth:
			b.WriteString(line + "\n")
			line = mark + word
		default:
			line += " " + word
		}
	}
	b.WriteString(line + "\n")
}

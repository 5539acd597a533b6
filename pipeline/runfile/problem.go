package runfile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing wrong with a run file.
type Problem struct {
	Line, Column int    // from 1, columns in characters; 0 where the file could not be read
	Width        int    // characters meant, at least 1; 0 where Line is
	Key          string // "section.name", as far as one is concerned
	Message      string // what is wrong, with the offending value
	Hint         string // what would be right
}

// Errors is all that is wrong with a run file, in the order of the file: of a file
// that is none at all, the first hundred things.
type Errors struct {
	File     string
	Problems []Problem
	More     int // problems beyond those

	source source
	cause  error
}

// newErrors sorts the problems by place.
func newErrors(src source, problems []Problem) *Errors {
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.Key, b.Key), cmp.Compare(a.Message, b.Message))
	})
	return &Errors{File: src.name, Problems: problems, source: src}
}

// Error shows every problem with its line, a caret under the spot and a hint,
// as plain text of several lines without a final line end.
func (e *Errors) Error() string {
	texts := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		texts[i] = e.render(p)
	}
	if e.More > 0 {
		texts = append(texts, fmt.Sprintf("%s: and %d more problems", printable(e.File), e.More))
	}
	return strings.Join(texts, "\n")
}

// Unwrap returns the reason why a file could not be read, or nil.
func (e *Errors) Unwrap() error { return e.cause }

func (e *Errors) render(p Problem) string {
	var b strings.Builder
	b.WriteString(printable(e.File))
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", p.Line, p.Column)
	}
	b.WriteString(": ")
	if p.Key != "" {
		b.WriteString(p.Key + ": ")
	}
	b.WriteString(p.Message)
	if p.Line > 0 {
		b.WriteString(excerpt(e.source.line(p.Line), p))
	}
	if p.Hint != "" {
		b.WriteString("\n  hint: " + p.Hint)
	}
	return b.String()
}

// The part of a long line that is shown: so many characters, and how many of
// them before the caret.
const (
	excerptWidth = 96
	excerptLead  = 40
)

// excerpt shows a line and carets under the problem. Tabs are kept in both
// lines, so that the carets stand right whatever a tab's width.
func excerpt(line string, p Problem) string {
	runes := []rune(printable(line))
	caret, before, after := p.Column-1, "", ""
	if caret > len(runes) {
		caret = len(runes)
	}
	if cut := caret - excerptLead; len(runes) > excerptWidth && cut > 0 {
		runes, caret, before = runes[cut:], caret-cut, "…"
	}
	if len(runes) > excerptWidth {
		runes, after = runes[:excerptWidth], "…"
	}
	width := max(1, min(p.Width, len(runes)-caret))
	return fmt.Sprintf("\n%5d | %s%s%s\n      | %s%s%s",
		p.Line, before, string(runes), after,
		blank(before), blank(string(runes[:caret])), strings.Repeat("^", width))
}

// blank returns white space as wide as the text.
func blank(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, text)
}

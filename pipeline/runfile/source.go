package runfile

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// source is the text of a run file and its name.
type source struct {
	name, text string
	lines      []int // where each line begins
}

// byteOrderMark may stand before the first line and counts for nothing, as
// often as it does.
const byteOrderMark = "\uFEFF"

func newSource(name string, text []byte) source {
	s := source{name: name, text: strings.TrimLeft(string(text), byteOrderMark), lines: []int{0}}
	for i := range len(s.text) {
		if s.text[i] == '\n' {
			s.lines = append(s.lines, i+1)
		}
	}
	return s
}

// span is a part of the text, from byte start up to byte end.
type span struct{ start, end int }

// place returns the line and the column of a byte, both from 1; columns count
// characters. The end of the text is a place too.
func (s source) place(offset int) (line, column int) {
	line, found := slices.BinarySearch(s.lines, offset)
	if found {
		line++
	}
	return line, utf8.RuneCountInString(s.text[s.lines[line-1]:offset]) + 1
}

// line returns a line without its end.
func (s source) line(number int) string {
	rest := s.text[s.lines[number-1]:]
	line, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSuffix(line, "\r")
}

// width returns how many characters of a span stand on its first line, at
// least 1.
func (s source) width(at span) int {
	first, _, _ := strings.Cut(s.text[at.start:at.end], "\n")
	return max(1, utf8.RuneCountInString(strings.TrimRight(first, "\r")))
}

// quote returns the text of a span as a message shows it: on one line, not
// longer than a few words.
func (s source) quote(at span) string {
	const longest = 48
	text := strings.Join(strings.Fields(s.text[at.start:at.end]), " ")
	if runes := []rune(text); len(runes) > longest {
		text = string(runes[:longest-1]) + "…"
	}
	return printable(text)
}

// printable replaces what a terminal would not print but obey.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r != '\t' && (r < ' ' || r >= 0x7f && r < 0xa0) {
			return utf8.RuneError
		}
		return r
	}, text)
}

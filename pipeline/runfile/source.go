package runfile

import (
	"strings"
	"unicode/utf8"
)

// source is the text of a run file and its name.
type source struct {
	name, text string
}

// byteOrderMark may stand before the first line and counts for nothing.
const byteOrderMark = "\uFEFF"

func newSource(name string, text []byte) source {
	return source{name, strings.TrimPrefix(string(text), byteOrderMark)}
}

// span is a part of the text, from byte start up to byte end.
type span struct{ start, end int }

// place returns the line and the column of a byte, both from 1; columns count
// characters.
func (s source) place(offset int) (line, column int) {
	before := s.text[:min(max(offset, 0), len(s.text))]
	begin := strings.LastIndexByte(before, '\n') + 1
	return strings.Count(before, "\n") + 1, utf8.RuneCountInString(before[begin:]) + 1
}

// line returns a line without its end; "" outside the file.
func (s source) line(number int) string {
	for line := range strings.Lines(s.text) {
		if number--; number == 0 {
			return strings.TrimRight(line, "\r\n")
		}
	}
	return ""
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

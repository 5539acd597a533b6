package runfile

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// place agrees with counting from the beginning, at every byte and the end.
func TestPlace(t *testing.T) {
	for _, text := range []string{"", "\n", "a", "a\nb", "a\r\nbc\r\n", "é = 1\n√N\n\n", "\n\n\tx"} {
		s := newSource("x.toml", []byte(text))
		for offset := range len(text) + 1 {
			before := text[:offset]
			line := strings.Count(before, "\n") + 1
			column := utf8.RuneCountInString(before[strings.LastIndex(before, "\n")+1:]) + 1
			if l, c := s.place(offset); l != line || c != column {
				t.Errorf("%q, byte %d: %d:%d, want %d:%d", text, offset, l, c, line, column)
			}
		}
	}
}

func TestLine(t *testing.T) {
	s := newSource("x.toml", []byte("\uFEFFone\r\n\ntwo"))
	for number, want := range map[int]string{1: "one", 2: "", 3: "two"} {
		if got := s.line(number); got != want {
			t.Errorf("line %d is %q, want %q", number, got, want)
		}
	}
}

func TestWidth(t *testing.T) {
	s := newSource("x.toml", []byte("größe [1,\r\n 2]"))
	for _, c := range []struct{ start, end, want int }{{0, 7, 5}, {8, 15, 3}, {3, 3, 1}, {11, 13, 1}} {
		if got := s.width(span{c.start, c.end}); got != c.want {
			t.Errorf("width of %q is %d, want %d", s.text[c.start:c.end], got, c.want)
		}
	}
}

func TestQuote(t *testing.T) {
	for text, want := range map[string]string{
		`"a"`:                    `"a"`,
		"[\n 1.0,\r\n\t2.0 ]":    "[ 1.0, 2.0 ]",
		"\x1b[31mred":            "\uFFFD[31mred",
		strings.Repeat("é", 100): strings.Repeat("é", 47) + "…",
		"'bad \xff'":             "'bad \uFFFD'",
	} {
		s := newSource("x.toml", []byte(text))
		if got := s.quote(span{0, len(text)}); got != want {
			t.Errorf("quote(%q) = %q, want %q", text, got, want)
		}
	}
}

package runfile

import (
	"strings"
	"testing"
)

// The caret stands under the character that the column names, for tabs, long
// lines and text beyond ASCII.
func TestCaretStandsUnderTheColumn(t *testing.T) {
	long := "x = [" + strings.Repeat("1.25, ", 60) + "§" + strings.Repeat(", 1.25", 60) + "]"
	for _, line := range []string{"x = §1", "\tx = \t§1 # y", "größe = §1", "§", "x = §" + strings.Repeat("y", 300), long} {
		column := len([]rune(line[:strings.Index(line, "§")])) + 1
		text := excerpt(strings.ReplaceAll(line, "§", "Q"), Problem{Line: 12, Column: column, Width: 1})
		lines := strings.Split(text, "\n")
		if len(lines) != 3 || lines[0] != "" {
			t.Fatalf("%q", text)
		}
		shown, caret := []rune(lines[1]), []rune(lines[2])
		at := len(caret) - 1
		if caret[at] != '^' || shown[at] != 'Q' {
			t.Errorf("%s", text)
		}
		for i := 8; i < at; i++ {
			if (shown[i] == '\t') != (caret[i] == '\t') {
				t.Errorf("tabs differ: %q", text)
			}
		}
		if len(shown) > excerptWidth+12 {
			t.Errorf("%d characters in\n%s", len(shown), text)
		}
	}
}

// The carets stay on the line, also where the column is behind its end.
func TestCaretStaysOnTheLine(t *testing.T) {
	for _, c := range []struct {
		column, width int
		want          string
	}{
		{1, 3, "\n    3 | abc\n      | ^^^"},
		{2, 99, "\n    3 | abc\n      |  ^^"},
		{4, 1, "\n    3 | abc\n      |    ^"},
		{9, 2, "\n    3 | abc\n      |    ^"},
	} {
		if got := excerpt("abc", Problem{Line: 3, Column: c.column, Width: c.width}); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestErrorsAreSorted(t *testing.T) {
	src := newSource("x.toml", []byte("a\nb\nc"))
	list := newErrors(src, []Problem{
		{Line: 3, Column: 1, Message: "fifth"}, {Line: 1, Column: 2, Message: "second"}, {Line: 2, Column: 1, Key: "b", Message: "fourth"},
		{Line: 1, Column: 1, Message: "first"}, {Line: 2, Column: 1, Key: "a", Message: "third"},
	})
	var got []string
	for _, p := range list.Problems {
		got = append(got, p.Message)
	}
	if text := strings.Join(got, " "); text != "first second third fourth fifth" {
		t.Error(text)
	}
}

// Nothing that a terminal would obey reaches it.
func TestErrorsArePrintable(t *testing.T) {
	list := problemsOf(t, "x\x1b[2J.toml", "\"\\u001b[31m\" = 1\n[lattice]\nkind = 'sq\u009bare'\n")
	for _, r := range list.Error() {
		if r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 {
			t.Fatalf("%U in %q", r, list.Error())
		}
	}
}

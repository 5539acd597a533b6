package runfile

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/BurntSushi/toml"
)

// syntaxProblem words the library's error.
func syntaxProblem(src source, err error) *Problem {
	parseError, ok := errors.AsType[toml.ParseError](err)
	if !ok {
		return syntaxProblemAt(src, span{}, firstLine(err.Error()), tomlHint)
	}
	at := clip(src, parseError)
	return syntaxProblemAt(src, at, lowerFirst(strings.TrimSuffix(parseError.Message, ".")), syntaxHint(parseError.Message, src.text[at.start:]))
}

func syntaxProblemAt(src source, at span, message, hint string) *Problem {
	p := &Problem{Width: src.width(at), Message: "not valid TOML: " + message, Hint: hint}
	p.Line, p.Column = src.place(at.start)
	return p
}

// clip returns the part of the text that the library means: inside the text,
// from the beginning of a character, without white space in front, and at the
// very character where the library points to the one before it.
func clip(src source, err toml.ParseError) span {
	start := min(max(err.Position.Start, 0), len(src.text))
	for start > 0 && start < len(src.text) && !utf8.RuneStart(src.text[start]) {
		start--
	}
	end := min(start+max(err.Position.Len, 0), len(src.text))
	if strings.Contains(err.Message, "control characters") {
		if i := strings.IndexFunc(src.text[start:], isForbidden); i >= 0 {
			return span{start + i, start + i + 1}
		}
	}
	for start < end-1 && (src.text[start] == ' ' || src.text[start] == '\t') {
		start++
	}
	return span{start, end}
}

// isForbidden reports whether TOML refuses a character everywhere.
func isForbidden(r rune) bool { return unicode.IsControl(r) && r != '\t' && r != '\n' }

// invalidUTF8 returns the first byte that belongs to no character.
func invalidUTF8(text string) (at span, invalid bool) {
	for i, r := range text {
		if r == utf8.RuneError && !strings.HasPrefix(text[i:], "\uFFFD") {
			return span{i, i + 1}, true
		}
	}
	return span{}, false
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return printable(line)
}

func lowerFirst(text string) string {
	if text == "" || strings.HasPrefix(text, "TOML") {
		return text
	}
	return strings.ToLower(text[:1]) + text[1:]
}

const tomlHint = "the language is described at https://toml.io/en/v1.0.0"

// syntaxHints tells what would be right, by a part of the library's message.
var syntaxHints = []struct{ message, hint string }{
	{"already been defined", "a key or section stands once in a file: remove one of the two"},
	{"already created", "a key or section stands once in a file: remove one of the two"},
	{"cannot contain newlines", `close the text with " on the same line`},
	{"expected a comma", "entries are separated by commas, and a list ends with ]"},
	{"unexpected comma", "a comma stands between two entries"},
	{"inline table terminator", "entries are separated by commas, and { ends with }"},
	{"table name", "a section begins with its name in brackets, such as [lattice]"},
	{"got ',' instead", "digits are grouped with underscores: 100_000"},
	{"top-level item to end", "each key = value has a line of its own"},
	{"expected '.' or '='", `a line is "key = value", a section [name], or a comment # …`},
	{"key separator", `a line is "key = value", a section [name], or a comment # …`},
	{"must start with a digit", "write 0.5 rather than .5"},
	{"must be followed by one or more digits", "write 1.0 rather than 1."},
	{"leading zeroes", "remove the zeros in front"},
	{"out of range", "the number is too large"},
	{"invalid escape", `write \\ for a backslash, or put the text in single quotes`},
	{"control characters", "remove the invisible character"},
	{"NULL", "save the file as UTF-8 text"},
}

// syntaxHint says what would be right instead of the text that begins with
// rest.
func syntaxHint(message, rest string) string {
	if strings.HasPrefix(message, "expected value") {
		return valueHint(rest)
	}
	for _, h := range syntaxHints {
		if strings.Contains(message, h.message) {
			return h.hint
		}
	}
	return tomlHint
}

// valueHint says how the value at the beginning of a text would be written.
func valueHint(rest string) string {
	word := rest
	if i := strings.IndexAny(rest, " \t\r\n,]}#"); i >= 0 {
		word = rest[:i]
	}
	switch lower := strings.ToLower(word); {
	case lower == "true" || lower == "false" || lower == "inf" || lower == "nan":
		return "write " + lower + " in lower case"
	case word == "":
		return "a value stands after the ="
	default:
		return fmt.Sprintf("text stands in quotes: %q", printable(word))
	}
}

package runfile

import (
	"strconv"
	"strings"
)

// The TOML library says where a syntax error is, but of a correct file neither
// where its names stand nor its entries of lists. The locator finds them. Its
// tree is used only where the library accepts the text, so it judges nothing
// and reads no value; on any other text it only has to come to an end.

// node is a key, a section or an entry of a list.
type node struct {
	key     span // the name; of an entry of a list: of the list
	value   span // the value; empty for a section with a heading
	data    any  // the value as the library decoded it
	fields  map[string]*node
	names   []string // of the fields, in the order of the file
	entries []*node  // of a list, or the tables of repeated [[headings]]
}

func newTable() *node { return &node{fields: make(map[string]*node)} }

// place is where a problem with the value is shown.
func (n *node) place() span {
	if n.value.end > n.value.start {
		return n.value
	}
	return n.key
}

// at returns the node of a dotted path, or nil.
func (n *node) at(path string) *node {
	for name := range strings.SplitSeq(path, ".") {
		if n = n.fields[name]; n == nil {
			return nil
		}
	}
	return n
}

// field returns the named field, made if need be.
func (n *node) field(name string, key span) *node {
	if f := n.fields[name]; f != nil {
		return f
	}
	f := newTable()
	f.key = key
	n.fields[name] = f
	n.names = append(n.names, name)
	return f
}

// attach gives every node its value. Nodes that the locator has missed stand
// where their parent does.
func (n *node) attach(data any) {
	n.data = data
	switch data := data.(type) {
	case map[string]any:
		for name, value := range data {
			if n.fields[name] == nil {
				n.field(name, n.key).value = n.value
			}
			n.fields[name].attach(value)
		}
	case []any:
		for i, value := range data {
			if i == len(n.entries) {
				n.entries = append(n.entries, newTable())
				n.entries[i].key, n.entries[i].value = n.key, n.value
			}
			n.entries[i].attach(value)
		}
	}
}

// maxDepth bounds how deep lists, tables and dotted names may be nested, far
// beyond any run file: the library's memory grows with the square of it.
const maxDepth = 32

type locator struct {
	text  string
	pos   int
	depth int
	deep  span // where maxDepth was exceeded; empty if nowhere
}

// part is one name of a dotted key.
type part struct {
	name string
	at   span
}

// locate returns the tree of a file's keys and values, and the place of what
// is nested too deeply, which ends the tree.
func locate(text string) (root *node, deep span) {
	root = newTable()
	table := root
	l := &locator{text: text}
	for l.skipSpace(); l.more(); l.skipSpace() {
		begin := l.pos
		if l.next() == '[' {
			table = l.heading(root)
		} else {
			l.pair(table)
		}
		if l.pos == begin {
			l.pos++
		}
	}
	return root, l.deep
}

// enter notes that a list or table has begun.
func (l *locator) enter() {
	if l.depth++; l.depth > maxDepth {
		l.stop(span{l.pos - 1, l.pos})
	}
}

func (l *locator) leave() { l.depth-- }

// stop goes to the end of the text because of what stands at a place.
func (l *locator) stop(at span) {
	if l.deep == (span{}) {
		l.deep = at
	}
	l.pos = len(l.text)
}

func (l *locator) more() bool { return l.pos < len(l.text) }

// next returns the byte to come, 0 at the end.
func (l *locator) next() byte {
	if !l.more() {
		return 0
	}
	return l.text[l.pos]
}

// take skips a byte if it is the next one.
func (l *locator) take(c byte) bool {
	if !l.more() || l.text[l.pos] != c {
		return false
	}
	l.pos++
	return true
}

// skipSpace skips white space, line ends and comments.
func (l *locator) skipSpace() {
	for l.more() {
		switch l.next() {
		case ' ', '\t', '\r', '\n':
			l.pos++
		case '#':
			l.skipPast("\n")
		default:
			return
		}
	}
}

// skipPast goes behind the next occurrence of a text, or to the end.
func (l *locator) skipPast(text string) {
	if i := strings.Index(l.text[l.pos:], text); i >= 0 {
		l.pos += i + len(text)
		return
	}
	l.pos = len(l.text)
}

// heading reads [a.b] or [[a.b]] and returns the table that follows.
func (l *locator) heading(root *node) *node {
	l.take('[')
	repeated := l.take('[')
	parts := l.path()
	table := descend(root, parts)
	if repeated {
		entry := newTable()
		entry.key = parts[len(parts)-1].at
		table.entries = append(table.entries, entry)
		table = entry
	}
	l.take(']')
	l.take(']')
	return table
}

// descend follows names from a table, into the last of repeated tables on the
// way but not at the end.
func descend(table *node, parts []part) *node {
	for i, p := range parts {
		table = table.field(p.name, p.at)
		if last := len(table.entries); last > 0 && i < len(parts)-1 {
			table = table.entries[last-1]
		}
	}
	return table
}

// pair reads key = value into a table.
func (l *locator) pair(table *node) {
	n := descend(table, l.path())
	l.skipSpace()
	l.take('=')
	l.skipSpace()
	l.value(n)
}

// path reads the names of a dotted key; it returns at least one.
func (l *locator) path() []part {
	var parts []part
	for {
		l.skipSpace()
		begin := l.pos
		name := l.name()
		parts = append(parts, part{name, span{begin, l.pos}})
		l.skipSpace()
		if !l.take('.') {
			return parts
		}
		if len(parts) > maxDepth {
			l.stop(span{begin, l.pos})
		}
	}
}

// name reads a bare or quoted name.
func (l *locator) name() string {
	begin := l.pos
	if c := l.next(); c == '"' || c == '\'' {
		l.quoted()
		return unquote(l.text[begin:l.pos])
	}
	for l.more() && !strings.ContainsRune(" \t\r\n.=[]{},#\"'", rune(l.next())) {
		l.pos++
	}
	return l.text[begin:l.pos]
}

// unquote returns what a quoted name says. A form that Go does not share with
// TOML is returned as it is written.
func unquote(text string) string {
	if text[0] == '\'' {
		return strings.Trim(text, "'")
	}
	if plain, err := strconv.Unquote(text); err == nil {
		return plain
	}
	return text
}

// value reads a value into its node.
func (l *locator) value(n *node) {
	begin := l.pos
	switch l.next() {
	case '"', '\'':
		l.quoted()
	case '[':
		l.list(n)
	case '{':
		l.inline(n)
	default:
		l.bare()
	}
	n.value = span{begin, l.pos}
}

// bare reads a number, a date or a word up to what ends it, without the white
// space before that.
func (l *locator) bare() {
	begin := l.pos
	for l.more() && !strings.ContainsRune(",]}#\r\n", rune(l.next())) {
		l.pos++
	}
	l.pos = begin + len(strings.TrimRight(l.text[begin:l.pos], " \t"))
}

// quoted reads a text in any of TOML's four quotations.
func (l *locator) quoted() {
	quote := l.text[l.pos]
	mark := strings.Repeat(string(quote), 3)
	if !strings.HasPrefix(l.text[l.pos:], mark) {
		mark = mark[:1]
	}
	l.pos += len(mark)
	for l.more() && !strings.HasPrefix(l.text[l.pos:], mark) {
		if quote == '"' && l.next() == '\\' {
			l.pos++
		}
		l.pos++
	}
	l.pos = min(l.pos+len(mark), len(l.text))
	for range len(mark) - 1 { // up to two quotes may stand before the closing three
		l.take(quote)
	}
}

// list reads [value, value].
func (l *locator) list(n *node) {
	l.take('[')
	l.enter()
	defer l.leave()
	for l.skipSpace(); l.more() && !l.take(']'); l.skipSpace() {
		begin := l.pos
		entry := newTable()
		entry.key = n.key
		l.value(entry)
		n.entries = append(n.entries, entry)
		l.skipSpace()
		l.take(',')
		if l.pos == begin {
			l.pos++
		}
	}
}

// inline reads { key = value, key = value }.
func (l *locator) inline(n *node) {
	l.take('{')
	l.enter()
	defer l.leave()
	for l.skipSpace(); l.more() && !l.take('}'); l.skipSpace() {
		begin := l.pos
		l.pair(n)
		l.skipSpace()
		l.take(',')
		if l.pos == begin {
			l.pos++
		}
	}
}

package store

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"unicode/utf8"
)

// Kind is the type of a column's values.
type Kind string

// The kinds of columns.
const (
	Int    Kind = "int"    // 64 bits
	Float  Kind = "float"  // 64 bits
	String Kind = "string" // UTF-8
)

// Column is a named column of a Table. Its values are in the slice of its kind;
// the other two are not looked at.
type Column struct {
	Name    string
	Kind    Kind
	Ints    []int64
	Floats  []float64 // NaN where there is no value
	Strings []string
	// Null says for each row whether it lacks a value; nil if none does. In a
	// column of floats it is not needed, and comes back as NaN and nil.
	Null []bool
}

// Len returns the number of rows.
func (c Column) Len() int {
	switch c.Kind {
	case Int:
		return len(c.Ints)
	case Float:
		return len(c.Floats)
	}
	return len(c.Strings)
}

// Missing reports whether row i has no value.
func (c Column) Missing(i int) bool {
	return c.Null != nil && c.Null[i] || c.Kind == Float && math.IsNaN(c.Floats[i])
}

// Float returns row i of a column of numbers, NaN where there is no value or
// none that is a number.
func (c Column) Float(i int) float64 {
	switch {
	case c.Missing(i):
		return math.NaN()
	case c.Kind == Int:
		return float64(c.Ints[i])
	case c.Kind == Float:
		return c.Floats[i]
	}
	return math.NaN()
}

// Text returns row i as CSV has it, empty where there is no value.
func (c Column) Text(i int) string {
	switch {
	case c.Missing(i):
		return ""
	case c.Kind == Int:
		return strconv.FormatInt(c.Ints[i], 10)
	case c.Kind == Float:
		return formatFloat(c.Floats[i])
	}
	return c.Strings[i]
}

// formatFloat prints the shortest form that reads back the same, and infinities
// as inf and -inf.
func formatFloat(x float64) string {
	switch {
	case math.IsInf(x, 1):
		return "inf"
	case math.IsInf(x, -1):
		return "-inf"
	}
	return strconv.FormatFloat(x, 'g', -1, 64)
}

// Table is a set of columns of one length, at least one, with different names.
type Table struct{ Columns []Column }

// Rows returns the number of rows.
func (t Table) Rows() int {
	if len(t.Columns) == 0 {
		return 0
	}
	return t.Columns[0].Len()
}

// Column returns the column of that name, and whether there is one.
func (t Table) Column(name string) (Column, bool) {
	for _, column := range t.Columns {
		if column.Name == name {
			return column, true
		}
	}
	return Column{}, false
}

// Validate reports what keeps the table from being written.
func (t Table) Validate() error {
	if len(t.Columns) == 0 {
		return errors.New("store: a table without columns")
	}
	seen := make(map[string]bool, len(t.Columns))
	for _, column := range t.Columns {
		if err := column.validate(t.Rows()); err != nil {
			return fmt.Errorf("store: column %q: %w", column.Name, err)
		}
		if seen[column.Name] {
			return fmt.Errorf("store: column %q occurs twice", column.Name)
		}
		seen[column.Name] = true
	}
	return nil
}

func (c Column) validate(rows int) error {
	switch {
	case c.Kind != Int && c.Kind != Float && c.Kind != String:
		return fmt.Errorf("unknown kind %q", c.Kind)
	case c.Name == "" || !utf8.ValidString(c.Name):
		return errors.New("its name is empty or not valid UTF-8")
	case c.Len() != rows:
		return fmt.Errorf("%d rows, the first column has %d", c.Len(), rows)
	case c.Null != nil && len(c.Null) != rows:
		return fmt.Errorf("%d marks of missing values for %d rows", len(c.Null), rows)
	}
	for i, text := range c.Strings {
		if c.Kind == String && !utf8.ValidString(text) {
			return fmt.Errorf("row %d is not valid UTF-8", i)
		}
	}
	return nil
}

// WriteCSV writes a line of names and a line a row.
func (t Table) WriteCSV(w io.Writer) error {
	if err := t.Validate(); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	record := make([]string, len(t.Columns))
	for i, column := range t.Columns {
		record[i] = column.Name
	}
	if err := out.Write(record); err != nil {
		return err
	}
	for row := range t.Rows() {
		for i, column := range t.Columns {
			record[i] = column.Text(row)
		}
		if err := writeRecord(out, w, record); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// writeRecord writes one line. A lone empty field needs quotes, as readers skip
// empty lines.
func writeRecord(out *csv.Writer, w io.Writer, record []string) error {
	if len(record) > 1 || record[0] != "" {
		return out.Write(record)
	}
	out.Flush()
	if _, err := io.WriteString(w, "\"\"\n"); err != nil {
		return err
	}
	return out.Error()
}

// WriteJSON writes an array with an object a row, keys in the order of columns.
func (t Table) WriteJSON(w io.Writer) error {
	if err := t.Validate(); err != nil {
		return err
	}
	line := []byte("[")
	for row := range t.Rows() {
		if row > 0 {
			line = append(line, ',')
		}
		line = t.appendObject(append(line, '\n'), row)
		if _, err := w.Write(line); err != nil {
			return err
		}
		line = line[:0]
	}
	_, err := w.Write(append(line, "\n]\n"...))
	return err
}

func (t Table) appendObject(line []byte, row int) []byte {
	line = append(line, '{')
	for i, column := range t.Columns {
		if i > 0 {
			line = append(line, ',')
		}
		line = append(line, quote(column.Name)...)
		line = append(line, ':')
		line = append(line, column.json(row)...)
	}
	return append(line, '}')
}

// json returns row i as JSON has it, which knows no infinities.
func (c Column) json(i int) []byte {
	switch {
	case c.Missing(i):
		return []byte("null")
	case c.Kind == String || c.Kind == Float && math.IsInf(c.Floats[i], 0):
		return quote(c.Text(i))
	}
	return []byte(c.Text(i))
}

// ReadCSV reads a table that WriteCSV wrote. CSV has no types: a column is of
// integers if all its fields are, else of floats if all are, else of strings;
// empty fields count for either and are missing, in a column of strings empty.
func ReadCSV(path string) (Table, error) {
	file, err := os.Open(path)
	if err != nil {
		return Table{}, fmt.Errorf("store: %w", err)
	}
	defer file.Close()
	return readCSV(path, file)
}

func readCSV(path string, r io.Reader) (Table, error) {
	records, err := csv.NewReader(r).ReadAll()
	if err != nil {
		return Table{}, damaged(path, "records", err)
	}
	if len(records) == 0 {
		return Table{}, corrupt(path, "no line of column names")
	}
	var table Table
	for i, name := range records[0] {
		fields := make([]string, len(records)-1)
		for row, record := range records[1:] {
			fields[row] = record[i]
		}
		table.Columns = append(table.Columns, inferColumn(name, fields))
	}
	if err := table.Validate(); err != nil {
		return Table{}, corrupt(path, "%v", err)
	}
	return table, nil
}

func inferColumn(name string, fields []string) Column {
	column := Column{Name: name, Kind: Int}
	if column.parseInts(fields) {
		return column
	}
	column = Column{Name: name, Kind: Float}
	if column.parseFloats(fields) {
		return column
	}
	return Column{Name: name, Kind: String, Strings: fields}
}

// parseInts fails on a column without any value, which is taken for floats.
func (c *Column) parseInts(fields []string) bool {
	c.Ints = make([]int64, len(fields))
	values := 0
	for i, field := range fields {
		if field == "" {
			if c.Null == nil {
				c.Null = make([]bool, len(fields))
			}
			c.Null[i] = true
			continue
		}
		var err error
		if c.Ints[i], err = strconv.ParseInt(field, 10, 64); err != nil {
			return false
		}
		values++
	}
	return values > 0
}

func (c *Column) parseFloats(fields []string) bool {
	c.Floats = make([]float64, len(fields))
	for i, field := range fields {
		if field == "" {
			c.Floats[i] = math.NaN()
			continue
		}
		var err error
		if c.Floats[i], err = strconv.ParseFloat(field, 64); err != nil {
			return false
		}
	}
	return true
}

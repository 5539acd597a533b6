package store

import (
	"fmt"
	"io"
	"math"
	"os"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet"
	pq "github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/schema"
)

const (
	tableFormat  = "table"
	maxTableRows = 1 << 24 // a table is read whole
)

// WriteParquet writes the table with its metadata. Columns of floats are
// OPTIONAL, the others where they have a Null, so that the schema does not
// depend on the values.
func (t Table) WriteParquet(w io.Writer, meta Metadata) error {
	if err := t.Validate(); err != nil {
		return err
	}
	if t.Rows() > maxTableRows {
		return fmt.Errorf("store: a table of %d rows; %d are possible", t.Rows(), maxTableRows)
	}
	if err := meta.validate(); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	var columns schema.FieldList
	for _, column := range t.Columns {
		columns = append(columns, column.node())
	}
	writer, err := newParquetWriter(w, columns, memory.NewGoAllocator())
	if err != nil {
		return err
	}
	if t.Rows() > 0 { // without rows, no row group
		if err := writer.addGroup(t.writeColumns); err != nil {
			return err
		}
	}
	return writer.finish(meta.stamped(tableFormat))
}

func (c Column) node() schema.Node {
	repetition := parquet.Repetitions.Required
	if c.Kind == Float || c.Null != nil {
		repetition = parquet.Repetitions.Optional
	}
	switch c.Kind {
	case Int:
		return schema.NewInt64Node(c.Name, repetition, noField)
	case Float:
		return schema.NewFloat64Node(c.Name, repetition, noField)
	}
	return schema.MustPrimitive(schema.NewPrimitiveNodeLogical(c.Name, repetition,
		schema.StringLogicalType{}, parquet.Types.ByteArray, 0, noField))
}

func (t Table) writeColumns(group pq.SerialRowGroupWriter) error {
	for _, column := range t.Columns {
		if err := column.write(group); err != nil {
			return err
		}
	}
	return nil
}

func (c Column) write(group pq.SerialRowGroupWriter) error {
	switch c.Kind {
	case Int:
		values, levels := present(c, c.Ints)
		return writeColumn[*pq.Int64ColumnChunkWriter](group, values, levels)
	case Float:
		values, levels := present(c, c.Floats)
		return writeColumn[*pq.Float64ColumnChunkWriter](group, values, levels)
	}
	texts, levels := present(c, c.Strings)
	values := make([]parquet.ByteArray, len(texts))
	for i, text := range texts {
		values[i] = parquet.ByteArray(text)
	}
	return writeColumn[*pq.ByteArrayColumnChunkWriter](group, values, levels)
}

// present returns the values that exist, and the definition level of each row
// for an OPTIONAL column.
func present[T any](c Column, values []T) ([]T, []int16) {
	if c.Kind != Float && c.Null == nil {
		return values, nil
	}
	var out []T
	levels := make([]int16, len(values))
	for i, value := range values {
		if !c.Missing(i) {
			out = append(out, value)
			levels[i] = 1
		}
	}
	return out, levels
}

// ReadTable reads a table that WriteParquet wrote, with its metadata. Anything
// wrong with it is a *FileError.
func ReadTable(path string) (Table, Metadata, error) {
	file, err := os.Open(path)
	if err != nil {
		return Table{}, nil, fmt.Errorf("store: %w", err)
	}
	defer file.Close()
	return readTable(path, file)
}

func readTable(path string, source parquet.ReaderAtSeeker) (table Table, meta Metadata, err error) {
	defer guard(path, &err)
	file, err := openParquet(path, source, memory.NewGoAllocator())
	if err != nil {
		return Table{}, nil, err
	}
	if err := file.verify(tableFormat); err != nil {
		return Table{}, nil, err
	}
	if table, err = file.emptyTable(); err != nil {
		return Table{}, nil, err
	}
	if err := file.fillTable(table); err != nil {
		return Table{}, nil, err
	}
	if err := table.Validate(); err != nil {
		return Table{}, nil, corrupt(path, "%v", err)
	}
	return table, file.meta.callers(), nil
}

// emptyTable makes the columns, at full length, that the schema asks for.
func (f *parquetFile) emptyTable() (Table, error) {
	rows := f.reader.NumRows()
	if rows > maxTableRows {
		return Table{}, corrupt(f.path, "%d rows; %d are possible", rows, maxTableRows)
	}
	var table Table
	found := f.reader.MetaData().Schema
	for i := range found.NumColumns() {
		column, ok := emptyColumn(found.Column(i), int(rows))
		if !ok {
			return Table{}, corrupt(f.path, "a column that tables do not have: %v", found.Column(i))
		}
		table.Columns = append(table.Columns, column)
	}
	return table, nil
}

func emptyColumn(found *schema.Column, rows int) (Column, bool) {
	column := Column{Name: found.Name()}
	switch found.PhysicalType() {
	case parquet.Types.Int64:
		column.Kind, column.Ints = Int, make([]int64, rows)
	case parquet.Types.Double:
		column.Kind, column.Floats = Float, make([]float64, rows)
	case parquet.Types.ByteArray:
		column.Kind, column.Strings = String, make([]string, rows)
	default:
		return Column{}, false
	}
	if column.Kind != Float && found.MaxDefinitionLevel() == 1 {
		column.Null = make([]bool, rows)
	}
	return column, column.node().Equals(found.SchemaNode())
}

func (f *parquetFile) fillTable(table Table) error {
	first := 0
	for group := range f.reader.NumRowGroups() {
		columns, err := f.columns(group)
		if err != nil {
			return damaged(f.path, fmt.Sprint("row group ", group), err)
		}
		last := first + int(f.reader.MetaData().RowGroup(group).NumRows())
		for i, column := range table.Columns {
			if err := column.read(columns[i], first, last); err != nil {
				return damaged(f.path, fmt.Sprint("row group ", group), err)
			}
		}
		first = last
	}
	return nil
}

// read fills rows first to last.
func (c Column) read(chunk pq.ColumnChunkReader, first, last int) error {
	switch c.Kind {
	case Int:
		return readPresent[*pq.Int64ColumnChunkReader](c, chunk, c.Ints, first, last, 0)
	case Float:
		return readPresent[*pq.Float64ColumnChunkReader](c, chunk, c.Floats, first, last, math.NaN())
	}
	values := make([]parquet.ByteArray, len(c.Strings))
	if err := readPresent[*pq.ByteArrayColumnChunkReader](c, chunk, values, first, last, nil); err != nil {
		return err
	}
	for i := first; i < last; i++ {
		if !utf8.Valid(values[i]) {
			return fmt.Errorf("column %s: row %d is not valid UTF-8", c.Name, i)
		}
		c.Strings[i] = string(values[i])
	}
	return nil
}

// readPresent fills rows first to last of dst, with missing where the definition
// levels say so.
func readPresent[R columnReader[T], T any](c Column, chunk pq.ColumnChunkReader, dst []T, first, last int, missing T) error {
	dst = dst[first:last]
	if c.Kind != Float && c.Null == nil {
		return readColumn[R](chunk, dst, nil)
	}
	levels := make([]int16, len(dst))
	if err := readColumn[R](chunk, dst, levels); err != nil {
		return err
	}
	values := 0
	for _, level := range levels {
		values += int(level)
	}
	// The values stand together at the front: spread them from the back.
	for i := len(dst) - 1; i >= 0; i-- {
		if levels[i] == 1 {
			values--
			dst[i] = dst[values]
			continue
		}
		dst[i] = missing
		if c.Null != nil {
			c.Null[first+i] = true
		}
	}
	return nil
}

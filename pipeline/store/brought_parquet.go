package store

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet"
	pq "github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/schema"
)

// listColumn is a column of lists in a Parquet file of another program.
type listColumn struct {
	spinPacker
	file   *os.File
	opened *parquetFile
	index  int // of the column
	total  int64

	group int   // the next row group to open
	left  int64 // rows left in the open one
	read  func(levels int) ([]float64, error)

	definition, repetition []int16
	found                  int // values of the rows that were read last
}

func openListColumn(path string, file *os.File, column string) (*listColumn, error) {
	opened, err := openParquet(path, file, memory.NewGoAllocator())
	if err != nil {
		return nil, err
	}
	if err := opened.checkRows(); err != nil {
		return nil, err
	}
	c := &listColumn{spinPacker: spinPacker{path: path}, file: file, opened: opened, total: opened.reader.NumRows()}
	indices := make(map[string]int)
	var able, all []string
	found := opened.reader.MetaData().Schema
	for i := range found.NumColumns() {
		name, _, _ := strings.Cut(found.Column(i).Path(), ".")
		all = append(all, name)
		if holdsLists(found.Column(i)) {
			indices[name] = i
			able = append(able, name)
		}
	}
	name, err := pick(path, "column", column, able, all)
	if err != nil {
		return nil, err
	}
	c.index = indices[name]
	return c, c.findSites(name)
}

// holdsLists reports whether a column's rows are lists of truth values or
// numbers.
func holdsLists(column *schema.Column) bool {
	switch column.PhysicalType() {
	case parquet.Types.Boolean, parquet.Types.Int32, parquet.Types.Int64, parquet.Types.Float, parquet.Types.Double:
		return column.MaxRepetitionLevel() == 1
	}
	return false
}

// findSites takes the length of the lists from the first row group; whether all
// are as long shows when they are read.
func (c *listColumn) findSites(name string) error {
	if c.total == 0 {
		return unfit(c.path, "it has no rows", "bring a file with configurations")
	}
	rows := c.opened.reader.MetaData().RowGroup(0)
	chunk, err := rows.ColumnChunk(c.index)
	if err != nil {
		return damaged(c.path, "row group 0", err)
	}
	sites := chunk.NumValues() / rows.NumRows()
	if sites*rows.NumRows() != chunk.NumValues() || sites < 1 || sites > maxBroughtSites {
		return unfit(c.path, fmt.Sprintf("column %s: %d values in %d rows are not lists of one length", name, chunk.NumValues(), rows.NumRows()),
			"every row is the list of the spins of all sites")
	}
	c.sites = int(sites)
	return nil
}

func (c *listColumn) metadata() Metadata { return c.opened.meta }
func (c *listColumn) rows() int64        { return c.total }
func (c *listColumn) siteCount() int     { return c.sites }
func (c *listColumn) close() error       { return c.file.Close() }

func (c *listColumn) next(limit int) (ConfigurationBatch, error) {
	for c.left == 0 {
		if c.group == c.opened.reader.NumRowGroups() {
			return ConfigurationBatch{}, io.EOF
		}
		if err := c.open(); err != nil {
			return ConfigurationBatch{}, damaged(c.path, fmt.Sprint("row group ", c.group), err)
		}
	}
	rows := int(min(int64(limit), c.left))
	c.start(rows)
	values, err := c.read(rows * c.sites)
	if err != nil {
		return ConfigurationBatch{}, damaged(c.path, fmt.Sprint("row group ", c.group-1), err)
	}
	if err := c.checkLevels(); err != nil {
		return ConfigurationBatch{}, err
	}
	if c.found != len(values) {
		return ConfigurationBatch{}, corrupt(c.path, "row group %d has %d values of %d", c.group-1, c.found, len(values))
	}
	for i := range rows {
		row := values[i*c.sites : (i+1)*c.sites]
		if err := c.pack(i, func(site int) float64 { return row[site] }); err != nil {
			return ConfigurationBatch{}, err
		}
	}
	c.left -= int64(rows)
	return c.batch, nil
}

// checkLevels holds every row to be a list of as many spins as there are sites:
// lists begin where the repetition level is 0, and an element is there where its
// definition level is the largest.
func (c *listColumn) checkLevels() error {
	full := c.opened.reader.MetaData().Schema.Column(c.index).MaxDefinitionLevel()
	for i, level := range c.definition {
		row, site := c.row+int64(i/c.sites), i%c.sites
		switch begins := c.repetition[i] == 0; {
		case begins != (site == 0):
			if site == 0 {
				row-- // goes on
			}
			return unfit(c.path, fmt.Sprintf("row %d: its list has other than %d spins", row, c.sites), "every row is the list of the spins of all sites")
		case level != full:
			return unfit(c.path, fmt.Sprintf("row %d, site %d: no value", row, site), "every spin has a value")
		}
	}
	return nil
}

// open opens the next row group.
func (c *listColumn) open() error {
	rows := c.opened.reader.MetaData().RowGroup(c.group)
	chunk, err := c.opened.reader.RowGroup(c.group).Column(c.index)
	if err != nil {
		return err
	}
	meta, err := rows.ColumnChunk(c.index)
	if err != nil || meta.NumValues() != rows.NumRows()*int64(c.sites) {
		return errors.Join(err, fmt.Errorf("its rows are not lists of %d spins", c.sites))
	}
	if err := checkPages(c.file, meta); err != nil {
		return err
	}
	if err := checkLevelsOf(c.opened.reader.RowGroup(c.group), c.index, c.opened.reader.MetaData().Schema.Column(c.index)); err != nil {
		return err
	}
	c.left = rows.NumRows()
	c.group++
	switch chunk := chunk.(type) {
	case *pq.BooleanColumnChunkReader:
		c.read = listReader(c, chunk.ReadBatch, func(up bool) float64 {
			if up {
				return 1
			}
			return 0
		})
	case *pq.Int32ColumnChunkReader:
		c.read = listReader(c, chunk.ReadBatch, func(x int32) float64 { return float64(x) })
	case *pq.Int64ColumnChunkReader:
		c.read = listReader(c, chunk.ReadBatch, func(x int64) float64 { return float64(x) })
	case *pq.Float32ColumnChunkReader:
		c.read = listReader(c, chunk.ReadBatch, func(x float32) float64 { return float64(x) })
	case *pq.Float64ColumnChunkReader:
		c.read = listReader(c, chunk.ReadBatch, func(x float64) float64 { return x })
	}
	return nil
}

// listReader returns what reads a number of levels and as many values, missing
// ones being found by their levels.
func listReader[T any](c *listColumn, read func(int64, []T, []int16, []int16) (int64, int, error), number func(T) float64) func(int) ([]float64, error) {
	var raw []T
	var values []float64
	return func(levels int) ([]float64, error) {
		raw, values = grow(raw, levels), grow(values, levels)
		c.definition, c.repetition = grow(c.definition, levels), grow(c.repetition, levels)
		c.found = 0
		for done := 0; done < levels; {
			n, found, err := read(int64(levels-done), raw[done:], c.definition[done:], c.repetition[done:])
			if err != nil {
				return nil, err
			}
			if n == 0 {
				return nil, io.ErrUnexpectedEOF
			}
			done += int(n)
			c.found += found
		}
		for i, x := range raw {
			values[i] = number(x)
		}
		return values, nil
	}
}

package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/parquet/schema"

	"github.com/apache/arrow/go/v17/arrow/memory"
)

// What Description.Format can be.
const (
	ParquetFile = "parquet"
	ArrowFile   = "arrow"
	NPZFile     = "npz"
	CSVFile     = "csv"
	JSONFile    = "json"
)

// Description is what a file of any kind that this package writes says about
// itself. Of Parquet and Arrow only the footer is read, of npz the headers: it is no check of the
// contents.
type Description struct {
	Path     string
	Format   string // "parquet", "arrow", "npz", "csv" or "json"
	Contents string // "configurations", "table", "machine", "checksums"; empty where the file does not say
	Version  string // of the format of the contents; empty where the file does not say
	Bytes    int64  // of the file

	Rows        int64  // of configurations, tables and JSON arrays, else 0
	RowGroups   int    // of Parquet, or record batches of Arrow, else 0
	Sites       int    // of a configuration, else 0
	Compression string // "none", "zstd", …; of the first column where they differ; empty for a file without rows

	Columns  []ColumnDescription // columns, arrays, or keys of a JSON object
	Metadata Metadata            // the writer's pairs
}

// ColumnDescription describes a column, an array of an archive, or a key of a
// JSON object.
type ColumnDescription struct {
	Name     string
	Type     string // as the format has it: "INT32", "<f4", "float", "string", …
	Nullable bool
	Shape    []int // of an array
	Bytes    int64 // stored; 0 where the format does not say
}

// Describe reads what the file at path says about itself. A file of none of the
// kinds that this package writes is a *FileError with ErrForeign.
func Describe(path string) (Description, error) {
	file, err := os.Open(path)
	if err != nil {
		return Description{}, fmt.Errorf("store: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return Description{}, fmt.Errorf("store: %w", err)
	}
	if !info.Mode().IsRegular() {
		return Description{}, foreign(path, "not a file")
	}
	return describe(path, io.NewSectionReader(file, 0, info.Size()))
}

func describe(path string, source *io.SectionReader) (d Description, err error) {
	d = Description{Path: path, Bytes: source.Size()}
	start := make([]byte, 512)
	n, err := source.ReadAt(start, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return Description{}, fmt.Errorf("store: read %s: %w", path, err)
	}
	start = start[:n]
	switch text := bytes.TrimLeft(start, " \t\r\n"); {
	case bytes.HasPrefix(start, []byte("PAR1")):
		err = d.parquet(source)
	case bytes.HasPrefix(start, []byte(arrowMagic)):
		err = d.arrow(source)
	case bytes.HasPrefix(start, []byte("PK\x03\x04")):
		err = d.npz(source)
	case bytes.HasPrefix(text, []byte("{")) || bytes.HasPrefix(text, []byte("[")):
		err = d.json(source)
	case strings.EqualFold(filepath.Ext(path), ".csv"):
		err = d.csv(source)
	default:
		err = foreign(path, "neither Parquet, Arrow, npz, CSV nor JSON")
	}
	if err != nil {
		return Description{}, err
	}
	return d, nil
}

func (d *Description) parquet(source *io.SectionReader) (err error) {
	defer guard(d.Path, &err)
	file, err := openParquet(d.Path, source, memory.NewGoAllocator())
	if err != nil {
		return err
	}
	d.Format, d.Rows, d.RowGroups = ParquetFile, file.reader.NumRows(), file.reader.NumRowGroups()
	d.stamps(file.meta)
	found := file.reader.MetaData().Schema
	for i := range found.NumColumns() {
		d.Columns = append(d.Columns, describeColumn(found.Column(i)))
	}
	for group := range d.RowGroups {
		for i := range d.Columns {
			chunk, err := file.reader.MetaData().RowGroup(group).ColumnChunk(i)
			if err != nil {
				return corrupt(d.Path, "row group %d, column %d: %v", group, i, err)
			}
			d.Columns[i].Bytes += chunk.TotalCompressedSize()
		}
	}
	if d.RowGroups > 0 {
		d.Compression = file.compression(0, 0)
	}
	return nil
}

func (d *Description) arrow(source *io.SectionReader) (err error) {
	defer guard(d.Path, &err)
	file, err := openArrow(d.Path, source, memory.NewGoAllocator())
	if err != nil {
		return err
	}
	d.Format, d.Rows, d.RowGroups = ArrowFile, file.rows, len(file.batches)
	d.stamps(file.meta)
	d.Compression, _ = file.meta.Get(compressionKey)
	for _, field := range file.reader.Schema().Fields() {
		d.Columns = append(d.Columns, ColumnDescription{Name: field.Name, Type: field.Type.String(), Nullable: field.Nullable})
	}
	return nil
}

func describeColumn(column *schema.Column) ColumnDescription {
	name := column.PhysicalType().String()
	if length := column.TypeLength(); length > 0 {
		name = fmt.Sprintf("%s(%d)", name, length)
	}
	if _, ok := column.LogicalType().(schema.StringLogicalType); ok {
		name += " (UTF-8)"
	}
	return ColumnDescription{Name: column.Path(), Type: name, Nullable: column.MaxDefinitionLevel() > 0}
}

// stamps takes this package's pairs and the writer's out of a file's metadata.
func (d *Description) stamps(meta Metadata) {
	d.Contents, _ = meta.Get(formatKey)
	d.Version, _ = meta.Get(versionKey)
	if sites, ok := meta.Get(sitesKey); ok {
		// Not a number, it stays 0.
		_, _ = fmt.Sscan(sites, &d.Sites)
	}
	d.Metadata = meta.callers()
}

func (d *Description) npz(source *io.SectionReader) (err error) {
	defer guard(d.Path, &err)
	archive, err := openArchive(d.Path, source, source.Size())
	if err != nil {
		return err
	}
	d.Format, d.Compression = NPZFile, Uncompressed
	for i, name := range archive.names() {
		entry := archive.zip.File[i]
		header, err := archive.header(entry, name)
		if err != nil {
			return err
		}
		if entry.Method != 0 {
			d.Compression = "deflate"
		}
		d.Columns = append(d.Columns, ColumnDescription{Name: name, Type: header.Descr.Type,
			Shape: header.Descr.Shape, Bytes: int64(entry.CompressedSize64)})
	}
	if !slices.Contains(archive.names(), metadataName) {
		return nil
	}
	meta, err := archive.metadata()
	if err != nil {
		return err
	}
	d.stamps(meta)
	return nil
}

func (d *Description) csv(source io.Reader) error {
	table, err := readCSV(d.Path, source)
	if err != nil {
		return err
	}
	d.Format, d.Contents, d.Rows = CSVFile, tableFormat, int64(table.Rows())
	for _, column := range table.Columns {
		nullable := false
		for i := range column.Len() {
			nullable = nullable || column.Missing(i)
		}
		d.Columns = append(d.Columns, ColumnDescription{Name: column.Name, Type: string(column.Kind), Nullable: nullable})
	}
	return nil
}

func (d *Description) json(source io.Reader) error {
	decoder := json.NewDecoder(source)
	open, err := decoder.Token()
	if err != nil {
		return damaged(d.Path, "value", err)
	}
	d.Format = JSONFile
	for decoder.More() {
		if err := d.member(decoder, open == json.Delim('{')); err != nil {
			return damaged(d.Path, "value", err)
		}
	}
	if _, err := decoder.Token(); err != nil {
		return damaged(d.Path, "value", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return corrupt(d.Path, "more than one JSON value")
	}
	return nil
}

// member takes in one member of the outermost object or array.
func (d *Description) member(decoder *json.Decoder, keyed bool) error {
	var name string
	if keyed {
		key, err := decoder.Token()
		if err != nil {
			return err
		}
		name = key.(string)
	}
	var value any
	if err := decoder.Decode(&value); err != nil {
		return err
	}
	if !keyed {
		d.Rows++
		return nil
	}
	d.Columns = append(d.Columns, ColumnDescription{Name: name, Type: jsonType(value)})
	switch text, _ := value.(string); name {
	case "format":
		d.Contents = text
	case "format_version":
		d.Version = text
	}
	return nil
}

func jsonType(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case float64:
		return "number"
	case string:
		return "string"
	case []any:
		return "array"
	}
	return "object"
}

package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"

	"github.com/apache/arrow/go/v17/parquet"
	pq "github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/schema"
)

// checkLevelsOf holds every page of a column chunk to have a repetition and a definition
// level for each of its values: the library waits without end for those that are missing.
func checkLevelsOf(group *pq.RowGroupReader, index int, column *schema.Column) error {
	pages, err := group.GetColumnPageReader(index)
	if err != nil {
		return err
	}
	most := []int16{column.MaxRepetitionLevel(), column.MaxDefinitionLevel()}
	for pages.Next() {
		var levels [][]byte
		switch page := pages.Page().(type) {
		case *pq.DataPageV1:
			levels, err = levelsOfPage(page)
		case *pq.DataPageV2:
			levels, err = levelsOfPageV2(page)
		default:
			continue // a dictionary, or an index
		}
		if err != nil {
			return err
		}
		want := int(pages.Page().NumValues())
		for i, runs := range levels {
			if n := countLevels(runs, bits.Len16(uint16(most[i])), want); n < want {
				return fmt.Errorf("a page has %d levels of %d", n, want)
			}
		}
	}
	return pages.Err()
}

var errLevels = errors.New("a page is shorter than its levels")

// levelsOfPage returns the runs of the repetition and the definition levels, which stand
// at the beginning of a page, each behind its length.
func levelsOfPage(page *pq.DataPageV1) (levels [][]byte, err error) {
	rest := page.Data()
	for _, encoding := range []parquet.Encoding{page.RepetitionLevelEncoding(), page.DefinitionLevelEncoding()} {
		if encoding != parquet.Encodings.RLE {
			return nil, fmt.Errorf("levels in the encoding %s, which is out of use", encoding)
		}
		if len(rest) < 4 || int64(binary.LittleEndian.Uint32(rest)) > int64(len(rest)-4) {
			return nil, errLevels
		}
		end := 4 + int(binary.LittleEndian.Uint32(rest))
		levels, rest = append(levels, rest[4:end]), rest[end:]
	}
	return levels, nil
}

// levelsOfPageV2 is levelsOfPage for the second version, whose header has the lengths.
func levelsOfPageV2(page *pq.DataPageV2) ([][]byte, error) {
	repetition, definition := int64(page.RepetitionLevelByteLen()), int64(page.DefinitionLevelByteLen())
	if repetition < 0 || definition < 0 || repetition+definition > int64(len(page.Data())) {
		return nil, errLevels
	}
	return [][]byte{page.Data()[:repetition], page.Data()[repetition : repetition+definition]}, nil
}

// countLevels counts the levels of a number of bits in runs, up to as many as are wanted:
// a run is a number and one level so often, or a number and eight times so many levels.
func countLevels(runs []byte, width, want int) int {
	levels := 0
	for len(runs) > 0 && levels < want {
		header, n := binary.Uvarint(runs)
		if n <= 0 {
			break
		}
		runs = runs[n:]
		number := int(min(header>>1, uint64(want)))
		if header&1 == 0 {
			if len(runs) == 0 {
				break
			}
			levels, runs = levels+number, runs[1:]
			continue
		}
		packed := min(number*width, len(runs))
		levels, runs = levels+packed*8/width, runs[packed:]
	}
	return levels
}

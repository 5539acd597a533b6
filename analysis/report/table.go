package report

import (
	"math"
	"strconv"

	"isingrbm/analysis"
)

// Table is a table of the page beside that of the verdicts.
type Table struct {
	ID      string // of the section, a word
	Title   string
	Caption string
	Columns []Column
	Rows    [][]string // texts, empty where there is no value
}

// Column heads one: a label, and in words what it means.
type Column struct{ Label, Title string }

// Number prints a value that has no error, to four digits; nothing for NaN.
func Number(x float64) string {
	switch {
	case math.IsNaN(x):
		return ""
	case math.IsInf(x, 1):
		return "∞"
	}
	return minus(strconv.FormatFloat(x, 'g', 4, 64))
}

// Value prints a value with the error of its last digits; nothing for NaN.
func Value(e analysis.Estimate) string { return minus(e.String()) }

package runfile

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// canonical returns the text of a value that depends on nothing but the value.
func canonical(k Key, field any) string {
	switch v := field.(type) {
	case *uint64:
		return strconv.FormatUint(*v, 10)
	case *int:
		if *v == 0 && len(k.Words) > 0 {
			return strconv.Quote(k.Words[0])
		}
		return strconv.Itoa(*v)
	case *float64:
		return decimal(*v)
	case *bool:
		return strconv.FormatBool(*v)
	case *string:
		return strconv.Quote(*v)
	case *time.Duration:
		return strconv.Quote(durationText(*v))
	case *int64:
		if *v == 0 && len(k.Words) > 0 {
			return strconv.Quote(k.Words[0])
		}
		return strconv.Quote(sizeText(*v))
	case *[]int:
		return list(*v, strconv.Itoa)
	case *[]string:
		return list(*v, strconv.Quote)
	case *[]Hidden:
		return list(*v, hiddenText)
	case *[]Temperature:
		return list(*v, temperatureText)
	case *Starts:
		return list(*v, temperatureText)
	case *[]DataCell:
		return list(*v, dataCellText)
	}
	panic(fmt.Sprintf("runfile: field of type %T", field))
}

func list[T any](values []T, text func(T) string) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = text(v)
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

// decimal writes a number with a point, as TOML wants it to be no integer.
func decimal(x float64) string {
	text := strconv.FormatFloat(x, 'g', -1, 64)
	if strings.ContainsAny(text, ".e") {
		return text
	}
	return text + ".0"
}

func hiddenText(h Hidden) string {
	if h.PerSite {
		return strconv.Quote(h.String())
	}
	return h.String()
}

func temperatureText(t Temperature) string {
	if math.IsInf(float64(t), 1) {
		return strconv.Quote("inf")
	}
	return decimal(float64(t))
}

// plain writes a bound: integers in full, with underscores between thousands.
func plain(x float64) string {
	if x != math.Trunc(x) || math.Abs(x) > 1<<53 {
		return strconv.FormatFloat(x, 'g', -1, 64)
	}
	return grouped(int64(x))
}

// grouped writes an integer as TOML lets a reader count its digits: 100_000.
func grouped(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	if len(digits) <= 4 {
		return sign + digits
	}
	first := (len(digits)-1)%3 + 1
	text := sign + digits[:first]
	for rest := range slices.Chunk([]byte(digits[first:]), 3) {
		text += "_" + string(rest)
	}
	return text
}

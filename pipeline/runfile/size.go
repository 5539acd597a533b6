package runfile

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// sizeUnits are those of Slurm and of memory: powers of 1024.
const sizeUnits = "KMGT"

var sizeForm = regexp.MustCompile(`^(\d{1,6})([KMGT])i?B?$`)

// size reads a number of bytes such as "4G"; a word of the key is 0.
func (r *reader) size(k Key, n *node) (int64, bool) {
	text, ok := n.data.(string)
	if !ok {
		r.reportType(k, n, "text")
		return 0, false
	}
	if len(k.Words) > 0 && text == k.Words[0] {
		return 0, true
	}
	parts := sizeForm.FindStringSubmatch(text)
	if parts == nil {
		r.report(n.place(), k.Path, fmt.Sprintf("%s is no size", r.source.quote(n.place())), k.Name()+" is "+k.Form())
		return 0, false
	}
	count, _ := strconv.ParseInt(parts[1], 10, 64) // digits alone, six at most
	bytes := count << (10 * (1 + strings.Index(sizeUnits, parts[2])))
	if !k.Range.Contains(float64(bytes)) {
		r.report(n.place(), k.Path, fmt.Sprintf("%s is out of range", r.source.quote(n.place())),
			fmt.Sprintf("%s is between %s and %s", k.Name(), sizeText(int64(k.Range.Min)), sizeText(int64(k.Range.Max))))
		return 0, false
	}
	return bytes, true
}

// sizeText writes a number of bytes in the largest unit that divides it.
func sizeText(bytes int64) string {
	unit := 0
	for unit < len(sizeUnits)-1 && bytes%(1<<(10*(unit+2))) == 0 {
		unit++
	}
	return fmt.Sprintf("%d%c", bytes>>(10*(unit+1)), sizeUnits[unit])
}

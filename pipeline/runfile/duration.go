package runfile

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// durationForm is [days-]hours:minutes:seconds. Forms with fewer parts are
// refused: "30:00" is half an hour to Slurm and 30 hours to many a reader.
var durationForm = regexp.MustCompile(`^(?:(\d{1,4})-)?(\d{1,4}):([0-5]\d):([0-5]\d)$`)

// duration reads a time such as "2:00:00".
func (r *reader) duration(k Key, n *node) (time.Duration, bool) {
	text, ok := n.data.(string)
	if !ok {
		r.reportType(k, n, "text")
		return 0, false
	}
	parts := durationForm.FindStringSubmatch(text)
	if parts == nil {
		r.report(n.place(), k.Path, fmt.Sprintf("%s is no time", r.source.quote(n.place())), k.Name()+" is "+k.Form())
		return 0, false
	}
	var seconds time.Duration
	for i, unit := range []time.Duration{24 * time.Hour, time.Hour, time.Minute, time.Second} {
		count, _ := strconv.Atoi("0" + parts[i+1]) // digits alone, four at most
		seconds += time.Duration(count) * unit
	}
	if !k.Range.Contains(seconds.Seconds()) {
		r.report(n.place(), k.Path, fmt.Sprintf("%s is out of range", r.source.quote(n.place())),
			fmt.Sprintf("%s is between %s and %s", k.Name(), durationText(secondsOf(k.Range.Min)), durationText(secondsOf(k.Range.Max))))
		return 0, false
	}
	return seconds, true
}

func secondsOf(x float64) time.Duration { return time.Duration(x) * time.Second }

// durationText writes a time as it is read, with days where there are some.
func durationText(d time.Duration) string {
	total := int(d / time.Second)
	days, clock := total/86400, total%86400
	text := fmt.Sprintf("%d:%02d:%02d", clock/3600, clock/60%60, clock%60)
	if days > 0 {
		return fmt.Sprintf("%d-%s", days, text)
	}
	return text
}

// Package progress tells a person how far a run is. Workers only add to
// counters; one reporter looks at them and writes: bars on a terminal, plain
// lines elsewhere, and always a last line for each counter. The whole has a line
// of its own, whose share and time left somebody who knows what the counters are
// worth says when asked.
package progress

import (
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// Plain lines appear when a counter has advanced by this share of its total,
// or when this long has passed since its last line.
const (
	lineShare    = 0.05
	lineInterval = 30 * time.Second
	lookInterval = 200 * time.Millisecond
)

// Counter counts the units of one stage. Add may be called from any
// goroutine.
type Counter struct {
	name, unit string
	total      int64
	done       atomic.Int64
	bar        *mpb.Bar // nil when lines are written
	started    time.Time
	first      int64 // units that were done before this run
	lastLine   time.Time
	lastDone   int64
	look       func() (share float64, left time.Duration) // of the whole; nil for a counter of its own
	remaining  atomic.Int64                               // the time left that look gave last
}

// Add records n more units.
func (c *Counter) Add(n int) {
	c.done.Add(int64(n))
	if c.bar != nil {
		c.bar.IncrBy(n)
	}
}

// Reporter owns the output. The zero value is of no use; see [New].
type Reporter struct {
	out      io.Writer
	json     bool // lines are JSON objects
	bars     *mpb.Progress
	mu       sync.Mutex
	counters []*Counter
	stop     chan struct{}
	stopped  sync.WaitGroup
	now      func() time.Time
}

// New returns a reporter that writes to out: bars if terminal is set, lines
// otherwise. Close must be called.
func New(out io.Writer, terminal bool) *Reporter {
	r := &Reporter{out: out, stop: make(chan struct{}), now: time.Now}
	if terminal {
		r.bars = mpb.New(mpb.WithOutput(out), mpb.WithWidth(40), mpb.WithRefreshRate(lookInterval), mpb.WithAutoRefresh())
	}
	r.stopped.Add(1)
	go r.watch()
	return r
}

// NewJSON is New for programs: every line is a JSON object.
func NewJSON(out io.Writer) *Reporter {
	r := &Reporter{out: out, json: true, stop: make(chan struct{}), now: time.Now}
	r.stopped.Add(1)
	go r.watch()
	return r
}

// Counter adds a counter of total units, of which done are there already.
func (r *Reporter) Counter(name, unit string, total, done int64) *Counter {
	c := &Counter{name: name, unit: unit, total: total, first: done, started: r.now(), lastLine: r.now(), lastDone: done}
	c.done.Store(done)
	if r.bars != nil {
		c.bar = newBar(r.bars, c)
	}
	r.mu.Lock()
	r.counters = append(r.counters, c)
	r.mu.Unlock()
	return c
}

// The whole is counted in thousandths of its time.
const (
	wholeName = "all"
	wholeUnit = "thousandths"
	wholes    = 1000
)

// Whole adds the whole, of which look says which share is done, 0 to 1, and how long
// the rest takes.
func (r *Reporter) Whole(look func() (share float64, left time.Duration)) {
	share, left := look()
	c := &Counter{name: wholeName, unit: wholeUnit, total: wholes, started: r.now(), lastLine: r.now(), look: look}
	c.first = int64(share * wholes)
	c.lastDone = c.first
	c.done.Store(c.first)
	c.remaining.Store(int64(left))
	if r.bars != nil {
		c.bar = newBar(r.bars, c)
	}
	r.mu.Lock()
	r.counters = append(r.counters, c)
	r.mu.Unlock()
}

// ask brings the whole up to date. Its bar is not completed before all is done.
func (c *Counter) ask() {
	share, left := c.look()
	c.done.Store(int64(share * wholes))
	c.remaining.Store(int64(left))
	if c.bar != nil {
		c.bar.SetCurrent(min(c.done.Load(), wholes-1))
		if share == 1 {
			c.bar.SetCurrent(wholes)
		}
	}
}

func newBar(bars *mpb.Progress, c *Counter) *mpb.Bar {
	eta := decor.AverageETA(decor.ET_STYLE_GO, decor.WC{W: 8})
	if c.look != nil {
		eta = decor.Any(func(decor.Statistics) string {
			return time.Duration(c.remaining.Load()).Round(time.Second).String()
		}, decor.WC{W: 8})
	}
	bar := bars.AddBar(c.total,
		mpb.PrependDecorators(decor.Name(fmt.Sprintf("%-9s", c.name))),
		mpb.AppendDecorators(
			decor.Percentage(decor.WC{W: 5}),
			decor.Name("  "),
			decor.OnComplete(eta, "done"),
		))
	bar.SetRefill(c.first)
	bar.IncrInt64(c.first)
	return bar
}

func (r *Reporter) watch() {
	defer r.stopped.Done()
	tick := time.NewTicker(lookInterval)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			r.lines(false)
		case <-r.stop:
			r.lines(true)
			return
		}
	}
}

// lines writes a line for every counter that is due; last makes every counter
// due that moved since its line.
func (r *Reporter) lines(last bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.counters {
		if c.look != nil {
			c.ask()
		}
		done := c.done.Load()
		if done == c.lastDone || r.bars != nil {
			continue
		}
		due := float64(done-c.lastDone) >= lineShare*float64(c.total) || r.now().Sub(c.lastLine) >= lineInterval
		if due || last || done == c.total {
			r.write(c, done)
			c.lastDone, c.lastLine = done, r.now()
		}
	}
}

// record is a line as a JSON object.
type record struct {
	Time  time.Time `json:"time"`
	Stage string    `json:"stage"`
	Done  int64     `json:"done"`
	Total int64     `json:"total"`
	Unit  string    `json:"unit"`
	Rate  float64   `json:"rate"`                   // units a second
	Left  *float64  `json:"seconds_left,omitempty"` // at that rate
}

func (r *Reporter) write(c *Counter, done int64) {
	if !r.json {
		fmt.Fprintln(r.out, c.line(done, r.now()))
		return
	}
	line := record{Time: r.now().UTC(), Stage: c.name, Done: done, Total: c.total, Unit: c.unit, Rate: c.rate(done, r.now())}
	if left, ok := c.left(done, r.now()); ok {
		seconds := left.Seconds()
		line.Left = &seconds
	}
	json.NewEncoder(r.out).Encode(line) // nothing can be done about a terminal that is gone
}

// rate is how many units a second there were on average since the beginning of
// this run: the longer it lasts, the steadier is the time left that follows.
func (c *Counter) rate(done int64, now time.Time) float64 {
	elapsed := now.Sub(c.started).Seconds()
	if elapsed <= 0 {
		return 0
	}
	return float64(done-c.first) / elapsed
}

// left is the time left at the rate so far, and whether there is any.
func (c *Counter) left(done int64, now time.Time) (time.Duration, bool) {
	if c.look != nil {
		return time.Duration(c.remaining.Load()), done < c.total
	}
	if done <= c.first || done >= c.total {
		return 0, false
	}
	return time.Duration(float64(now.Sub(c.started)) * float64(c.total-done) / float64(done-c.first)), true
}

// line is a counter in words, with the rate and the time left at that rate.
func (c *Counter) line(done int64, now time.Time) string {
	if c.look != nil {
		return fmt.Sprintf("%-9s %3d %%  of the time, %s left", c.name, done*100/wholes, time.Duration(c.remaining.Load()).Round(time.Second))
	}
	text := fmt.Sprintf("%-9s %3.0f %%  %d of %d %s", c.name, 100*float64(done)/float64(max(c.total, 1)), done, c.total, c.unit)
	if left, ok := c.left(done, now); ok {
		text += fmt.Sprintf(", %.3g a second, %s left", c.rate(done, now), left.Round(time.Second))
	}
	return text
}

// Close writes what is left to say and releases the terminal.
func (r *Reporter) Close() {
	close(r.stop)
	r.stopped.Wait()
	if r.bars == nil {
		return
	}
	for _, c := range r.counters {
		c.bar.Abort(false) // no effect on a complete bar
	}
	r.bars.Wait()
}

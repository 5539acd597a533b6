package progress

import (
	"bytes"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestLines: off a terminal a line every 5 % or 30 s, and a last one.
func TestLines(t *testing.T) {
	var out bytes.Buffer
	now := time.Unix(0, 0)
	r := &Reporter{out: &out, now: func() time.Time { return now }}
	c := r.Counter("train", "updates", 1000, 0)
	look := func(advance int, later time.Duration, want string) {
		t.Helper()
		out.Reset()
		c.Add(advance)
		now = now.Add(later)
		r.lines(false)
		if got := strings.TrimSpace(out.String()); got != want {
			t.Errorf("after %d more: %q, want %q", advance, got, want)
		}
	}
	look(49, time.Second, "")
	look(1, 4*time.Second, "train       5 %  50 of 1000 updates, 10 a second, 1m35s left")
	look(10, 29*time.Second, "")
	look(0, 2*time.Second, "train       6 %  60 of 1000 updates, 1.67 a second, 9m24s left")
	look(0, time.Hour, "")
	look(940, time.Second, "train     100 %  1000 of 1000 updates")
	look(0, time.Hour, "")
}

// TestResumedEstimate: units done before the run do not speed up its rate.
func TestResumedEstimate(t *testing.T) {
	var out bytes.Buffer
	now := time.Unix(0, 0)
	r := &Reporter{out: &out, now: func() time.Time { return now }}
	c := r.Counter("sample", "configurations", 1000, 500)
	c.Add(100)
	now = now.Add(10 * time.Second)
	r.lines(false)
	if want := "sample     60 %  600 of 1000 configurations, 10 a second, 40s left\n"; out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
}

// TestClose: the last state is always reported, from any number of workers.
func TestClose(t *testing.T) {
	for _, terminal := range []bool{false, true} {
		var out lockedBuffer
		r := New(&out, terminal)
		c := r.Counter("generate", "configurations", 800, 0)
		var workers sync.WaitGroup
		for range 8 {
			workers.Go(func() {
				for range 100 {
					c.Add(1)
				}
			})
		}
		workers.Wait()
		r.Close()
		if !strings.Contains(out.String(), "generate") || !strings.Contains(out.String(), "100 %") {
			t.Errorf("terminal %v: %q", terminal, out.String())
		}
	}
}

// TestCloseUnfinished: a run that stops early does not hang its bars.
func TestCloseUnfinished(t *testing.T) {
	var out lockedBuffer
	r := New(&out, true)
	r.Counter("train", "updates", 1000, 10).Add(5)
	r.Counter("sample", "configurations", 1000, 0)
	r.Close()
}

type lockedBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.String()
}

// TestJSON: each line is an object with the rate and the time left.
func TestJSON(t *testing.T) {
	var out bytes.Buffer
	now := time.Unix(0, 0)
	r := &Reporter{out: &out, json: true, now: func() time.Time { return now }}
	c := r.Counter("train", "updates", 1000, 0)
	c.Add(500)
	now = now.Add(10 * time.Second)
	r.lines(false)
	c.Add(500)
	r.lines(false)
	want := `{"time":"1970-01-01T00:00:10Z","stage":"train","done":500,"total":1000,"unit":"updates","rate":50,"seconds_left":10}
{"time":"1970-01-01T00:00:10Z","stage":"train","done":1000,"total":1000,"unit":"updates","rate":100}
`
	if out.String() != want {
		t.Errorf("got %s", &out)
	}
}

// TestWhole: the whole has a line when its share has grown by 5 %, with the time left
// that it is told.
func TestWhole(t *testing.T) {
	for _, c := range []struct {
		json bool
		want string
	}{
		{false, "all        25 %  of the time, 1m30s left\nall       100 %  of the time, 0s left\n"},
		{true, `{"time":"1970-01-01T00:00:00Z","stage":"all","done":250,"total":1000,"unit":"thousandths","rate":0,"seconds_left":90}
{"time":"1970-01-01T00:00:00Z","stage":"all","done":1000,"total":1000,"unit":"thousandths","rate":0}
`},
	} {
		var out bytes.Buffer
		r := &Reporter{out: &out, json: c.json, now: func() time.Time { return time.Unix(0, 0) }}
		share, left := 0.0, time.Minute
		r.Whole(func() (float64, time.Duration) { return share, left })
		for _, share = range []float64{0, 0.04, 0.25, 0.27, 1} {
			if left = 90 * time.Second; share == 1 {
				left = 0
			}
			r.lines(false)
		}
		if out.String() != c.want {
			t.Errorf("got\n%swant\n%s", &out, c.want)
		}
	}
}

// TestWholeBar: on a terminal the whole is a bar, and a run that stops early does not
// hang it.
func TestWholeBar(t *testing.T) {
	for _, end := range []float64{0.5, 1} {
		var out lockedBuffer
		r := New(&out, true)
		var share atomic.Value
		share.Store(0.0)
		r.Whole(func() (float64, time.Duration) { return share.Load().(float64), time.Minute })
		share.Store(end)
		r.Close()
		if !strings.Contains(out.String(), "all ") {
			t.Errorf("%q", out.String())
		}
	}
}

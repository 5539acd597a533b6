package pipeline

import (
	"strings"
	"testing"
	"time"
)

// TestShortages: too little disk or memory is said with figures and a way out;
// what the run has written already is not needed again.
func TestShortages(t *testing.T) {
	w := openRun(t, smallRun)
	estimates := []Estimate{
		{Stage: Generate, Cells: 2, Work: 4 * time.Second, Disk: 300e6, Memory: 100e6},
		{Stage: Train, Cells: 8, Work: 8 * time.Second, Disk: 1e6, Memory: 500e6},
	}
	if wall, disk, memory := Whole(estimates, 4, 16); wall != 4*time.Second || disk != 301e6 || memory != 2000e6 {
		t.Errorf("%v, %d B on disk, %d B of memory; want 4 s, 301 MB, 2 GB", wall, disk, memory)
	}
	for _, c := range []struct {
		have Resources
		want []string
	}{
		{Resources{Disk: 302e6, Memory: 2001e6, Cores: 4}, nil},
		{Resources{Disk: 302e6, Cores: 4}, nil}, // memory not known
		{Resources{Disk: 300e6, Memory: 2001e6, Cores: 4}, []string{"301 MB are needed and 300 MB are free"}},
		{Resources{Disk: 300e6, Memory: 1001e6, Cores: 4}, []string{"disk", "2000 MB are needed by 4 workers and 1001 MB are available\n  hint: --workers 2"}},
	} {
		got := w.Shortages(estimates, 4, c.have)
		if len(got) != len(c.want) {
			t.Errorf("%+v: %q", c.have, got)
			continue
		}
		for i, part := range c.want {
			if !strings.Contains(got[i], part) {
				t.Errorf("%+v: %q, want %q", c.have, got[i], part)
			}
		}
	}
	if have, err := w.FindResources(); err != nil || have.Disk <= 0 || have.Cores < 1 {
		t.Errorf("this machine has %+v, %v", have, err)
	}
}

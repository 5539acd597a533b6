package pipeline

import (
	"math"
	"testing"

	"isingrbm/pipeline/runfile"
)

// TestStreamsAreDistinct changes every part of a stream's key in turn: no two
// streams may agree.
func TestStreamsAreDistinct(t *testing.T) {
	run := func(change func(*runfile.Run)) *runfile.Run {
		r := &runfile.Run{Seed: 1}
		r.Lattice.Kind, r.Lattice.Boundary, r.Lattice.Coupling = "square", "periodic", 1
		change(r)
		return r
	}
	same := func(*runfile.Run) {}
	cell := Cell{Size: 8, Temperature: 2.269185314213022}
	keys := map[string][32]byte{
		"reference":   stream(run(same), cell, "training", 0),
		"seed":        stream(run(func(r *runfile.Run) { r.Seed = 2 }), cell, "training", 0),
		"lattice":     stream(run(func(r *runfile.Run) { r.Lattice.Kind = "cubic" }), cell, "training", 0),
		"boundary":    stream(run(func(r *runfile.Run) { r.Lattice.Boundary = "open" }), cell, "training", 0),
		"coupling":    stream(run(func(r *runfile.Run) { r.Lattice.Coupling = -1 }), cell, "training", 0),
		"field":       stream(run(func(r *runfile.Run) { r.Lattice.Field = 0.1 }), cell, "training", 0),
		"size":        stream(run(same), Cell{Size: 16, Temperature: cell.Temperature}, "training", 0),
		"temperature": stream(run(same), Cell{Size: 8, Temperature: 2.5}, "training", 0),
		"infinite":    stream(run(same), Cell{Size: 8, Temperature: runfile.Temperature(math.Inf(1))}, "training", 0),
		"n_h":         stream(run(same), Cell{Size: 8, Temperature: cell.Temperature, Hidden: 4}, "training", 0),
		"replica":     stream(run(same), Cell{Size: 8, Temperature: cell.Temperature, Replica: 1}, "training", 0),
		"purpose":     stream(run(same), cell, "samples", 0),
		"number":      stream(run(same), cell, "training", 1),
	}
	seen := make(map[[32]byte]string)
	for name, key := range keys {
		if other, ok := seen[key]; ok {
			t.Errorf("the streams %q and %q are the same", name, other)
		}
		seen[key] = name
	}
	if stream(run(same), cell, "training", 0) != keys["reference"] {
		t.Error("a stream is not a function of its key")
	}
}

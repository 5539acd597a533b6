package pipeline

import (
	"compress/gzip"
	"encoding/gob"
	"flag"
	"io"
	"math"
	"path/filepath"
	"slices"
	"testing"

	"isingrbm/analysis/figure"
	"isingrbm/pipeline/runfile"
	"isingrbm/pipeline/store"
)

// The run file knows the figures that can be drawn, in their order.
func TestRunFileKnowsTheFigures(t *testing.T) {
	for _, k := range runfile.Keys() {
		if k.Path == "output.figures" && !slices.Equal(k.Words, figure.Names()) {
			t.Errorf("the run file knows %q, package figure %q", k.Words, figure.Names())
		}
	}
}

// The small runs that the golden files of package figure are drawn from. They are
// frozen, so that a change of a figure and a change of a sampler do not look alike:
//
//	go test ./pipeline -run TestFigureData -freeze
var frozenRuns = map[string]string{
	"ring": `
seed = 6
[lattice]
kind = "chain"
sizes = [6]
[sweep]
temperatures = [1.0, 2.0, 4.0]
[monte_carlo]
configurations = 4_000
validation = 1_000
[rbm]
hidden = [2, 6]
[training]
snapshots = 8
updates = 2_000
[sampling]
configurations = 4_000
`,
	"square": `
seed = 20160607
[lattice]
kind = "square"
sizes = [4, 8]
[sweep]
temperatures = [1.5, "Tc", 3.0, "inf"]
[monte_carlo]
configurations = 4_000
validation = 1_000
[rbm]
hidden = [4, 16]
[training]
updates = 2_000
[sampling]
configurations = 8_000
`,
	"sizes": `
seed = 8
[lattice]
kind = "square"
sizes = [8, 16, 24, 32]
[sweep]
temperatures = [2.2, 2.235, "Tc", 2.3, 2.34]
[monte_carlo]
configurations = 8_000
validation = 16
`,
	"flow": `
seed = 9
[lattice]
kind = "square"
sizes = [4]
[sweep]
temperatures = { from = 0.0, to = 6.0, count = 7 }
[monte_carlo]
configurations = 1_000
validation = 400
[rbm]
hidden = [4, 16]
[training]
pool = true
updates = 2_000
[flow]
from = [6.0, 0.0]
iterations = 8
chains = 400
`,
}

var freeze = flag.Bool("freeze", false, "draw the runs anew that the golden figures are made from")

// TestFigureData: what figures are drawn from is there, and is what the files say.
func TestFigureData(t *testing.T) {
	if *freeze {
		freezeFigureData(t)
	}
	w := openRun(t, smallRun)
	outcome := mustRun(t, w, 2)
	d, err := w.figureData(t.Context(), outcome.Results, figure.Names())
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Sources) != 4 || len(d.Machines) != 2 || d.Scaling != nil {
		t.Fatalf("%d sources, %d machines", len(d.Sources), len(d.Machines))
	}
	for _, s := range d.Sources {
		total := 0.0
		for _, c := range s.Cells {
			total += c.Probability
		}
		if math.Abs(total-1) > 1e-12 || len(s.Samples) != figureSamples || len(s.Correlations) != 3 {
			t.Errorf("%v: probabilities add up to %v, %d samples, %d distances", s.Key, total, len(s.Samples), len(s.Correlations))
		}
	}
	for _, m := range d.Machines {
		if len(m.Weights) != 16*6 || m.States != nil || m.Training.Step[len(m.Training.Step)-1] != 120 {
			t.Errorf("%v: %d weights, states %v, training %v", m.Key, len(m.Weights), m.States, m.Training.Step)
		}
	}
}

func TestStateProbabilitiesAddUpToOne(t *testing.T) {
	w := openRun(t, frozenRuns["ring"])
	machine := machineOf(store.MachineArrays{Visible: 6, Hidden: 1, Weights: []float32{1, 0, 0, 0, 0, -1}, VisibleBias: make([]float32, 6), HiddenBias: []float32{0.5}})
	s, err := stateProbabilities(machine, w.Plan.Model(w.Plan.Tasks[0].Cell), 2)
	if err != nil {
		t.Fatal(err)
	}
	exact, sum := 0.0, 0.0
	for k := range s.Exact {
		exact += s.Exact[k]
		sum += s.Machine[k]
	}
	// States 1 and 0 differ by the first unit, of weight 1.
	want := (1 + math.Exp(1.5)) / (1 + math.Exp(0.5))
	if len(s.Exact) != 64 || math.Abs(exact-1) > 1e-12 || math.Abs(sum-1) > 1e-12 || math.Abs(s.Machine[1]/s.Machine[0]-want) > 1e-6 {
		t.Errorf("%d states, %v, %v, ratio %v instead of %v", len(s.Exact), exact, sum, s.Machine[1]/s.Machine[0], want)
	}
}

func freezeFigureData(t *testing.T) {
	for name, text := range frozenRuns {
		w := openRun(t, text)
		outcome := mustRun(t, w, 2)
		d, err := w.figureData(t.Context(), outcome.Results, figure.Names())
		if err != nil {
			t.Fatal(err)
		}
		if name == "sizes" {
			d.Sources, d.Curve = nil, nil // their figure needs rows only
		}
		path := filepath.Join("..", "analysis", "figure", "testdata", name+".gob.gz")
		err = store.WriteFile(path, func(out io.Writer) error {
			z := gzip.NewWriter(out)
			if err := gob.NewEncoder(z).Encode(d); err != nil {
				return err
			}
			return z.Close()
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// The machines kept along a training have the divergences that held-out configurations
// say, within 4.5 standard deviations: 27 values of three machines, correlated, a false
// alarm in 5000 seeds at most. The estimates of one temperature miss the divergences of
// another by far more, the negative control.
func TestTrainingStages(t *testing.T) {
	w := openRun(t, frozenRuns["ring"])
	outcome := mustRun(t, w, 2)
	d, err := w.figureData(t.Context(), outcome.Results, []string{"learning"})
	if err != nil {
		t.Fatal(err)
	}
	stages := make(map[float64][]figure.Stage)
	for _, m := range d.Machines {
		if m.Hidden != 6 {
			continue
		}
		stages[m.T] = m.Stages
		if n := len(m.Stages); n != 9 || m.Stages[0].Update != 0 || m.Stages[n-1].Update != 2000 {
			t.Fatalf("T = %v: %d stages", m.T, n)
		}
		for _, s := range m.Stages {
			if z := math.Abs(s.States.Divergence()-s.Estimate.Value) / s.Estimate.Err; !(z < 4.5) {
				t.Errorf("T = %v, update %v: KL %v, estimated %v ± %v", m.T, s.Update, s.States.Divergence(), s.Estimate.Value, s.Estimate.Err)
			}
		}
		if first, last := m.Stages[0].States.Divergence(), m.Stages[8].States.Divergence(); !(last < first/4) {
			t.Errorf("T = %v: KL from %v to %v", m.T, first, last)
		}
	}
	hot, cold := stages[4][0], stages[1][0]
	if z := math.Abs(hot.States.Divergence()-cold.Estimate.Value) / cold.Estimate.Err; z < 10 {
		t.Errorf("the estimate of T = 1 is within %.1f standard deviations of the divergence at T = 4", z)
	}
}

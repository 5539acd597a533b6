package pipeline

import (
	"math"
	"slices"
	"strings"
	"testing"

	"isingrbm/analysis"
	"isingrbm/ising"
	"isingrbm/pipeline/store"
	"isingrbm/rbm"
)

// noise is chains of independent numbers in (−1, 1) around a center.
func noise(seed uint64, chains, points int, center float64) [][]float64 {
	list := make([][]float64, chains)
	for k := range list {
		for range points {
			seed = seed*6364136223846793005 + 1442695040888963407
			list[k] = append(list[k], center+float64(seed>>11)/(1<<52)-1)
		}
	}
	return list
}

// TestTrace: independent chains about one mean have no complaint, τ of ½ point and R̂ of
// 1; starts that differ by five standard deviations do, and so do chains that each keep
// to a place of their own, whose starts agree.
func TestTrace(t *testing.T) {
	const chains, points = 100, 64
	complaint := func(x trace) string { return equilibration{Steps: 64, Observables: []trace{x}}.complaint() }
	same := newTrace("energy", noise(1, 2*chains, points, 3), 2)
	if c := complaint(same); c != "" || math.Abs(float64(same.Tau)-1) > 0.1 || math.Abs(float64(same.RHat)-1) > 0.01 {
		t.Errorf("independent chains: %+v, %q", same, c)
	}
	shift := 5 * math.Sqrt(2.0/3/points/chains) // √(2 · variance ⅓ / values)
	other := newTrace("energy", append(noise(1, chains, points, 3), noise(2, chains, points, 3+shift)...), 2)
	if c := complaint(other); !strings.Contains(c, "energy from random and from data starts") || strings.Contains(c, ",") {
		t.Errorf("starts %v apart: %+v, %q", shift, other, c)
	}
	var frozen [][]float64
	for k := range 2 * chains {
		frozen = append(frozen, slices.Repeat([]float64{float64(k%2*2 - 1)}, points))
	}
	stuck := newTrace("magnetization", frozen, 1)
	if c := complaint(stuck); c != "R-hat of magnetization is +Inf after 64 steps" {
		t.Errorf("frozen chains: %+v, %q", stuck, c)
	}
	if c := complaint(newTrace("magnetization", make([][]float64, 4), 1)); c == "" {
		t.Error("chains without a point have no complaint")
	}
}

// bimodalMachine is a machine on N sites whose modes, all spins up and all spins down,
// have weights 0.8 and 0.2.
func bimodalMachine(t *testing.T, sites int) *rbm.Machine {
	t.Helper()
	m, err := rbm.NewMixture(slices.Repeat([]float64{0.99}, sites), slices.Repeat([]float64{0.01}, sites), 0.8)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestSamplingOfABimodalMachine: plain Gibbs sampling of a machine with two modes is
// found not to be equilibrated, "auto" tempers it, and p₊ of the samples is the exact
// 0.8 within 4 standard deviations (a false alarm in 16 000 seeds) where that of plain
// Gibbs is that of the data. Its pilot run gives up later where a long burn-in is asked for.
func TestSamplingOfABimodalMachine(t *testing.T) {
	up := func(settings string) (sampling, float64, float64) {
		text := strings.NewReplacer("[2.0, 3.0]", "[1.0]", "hidden = [6]", "hidden = [1]",
			"configurations = 1_000\nchains = 64\nburn_in = 20\nthinning = 2", "configurations = 4_000\n"+settings).Replace(smallRun)
		w := openRun(t, text)
		if _, err := w.RunCells(t.Context(), Options{Workers: 1, Stages: []Stage{Generate, Train}, Progress: quiet(1).Progress}); err != nil {
			t.Fatal(err)
		}
		cell := w.Plan.Cells(true)[0]
		replaceMachine(t, w, cell, bimodalMachine(t, 16))
		results := mustRun(t, w, 1).Results
		j := &job{task: Task{Cell: cell}, dir: w.folders.of(cell)}
		how, err := j.readSampling()
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range results.Rows {
			if r.Source == analysis.SourceMachine {
				return how, r.Values[analysis.UpFraction].Value, r.Values[analysis.UpFraction].Err
			}
		}
		t.Fatal("no samples")
		return how, 0, 0
	}
	if how, share, err := up(`algorithm = "auto"`); how.Algorithm != "tempering" || !how.Equilibrated || !(math.Abs(share-0.8) < 4*err) || err > 0.05 {
		t.Errorf("auto: %+v, p₊ = %v ± %v", how, share, err)
	}
	if how, share, _ := up(`algorithm = "gibbs"`); how.Equilibrated || !strings.Contains(how.Reason, "magnetization") || math.Abs(share-0.5) > 0.1 {
		t.Errorf("gibbs: %+v, p₊ = %v", how, share)
	} else if chains := 1024; how.Thinning*4000/chains > how.BurnIn { // chains: the default
		t.Errorf("samples that are not equilibrated take %d steps a configuration, a burn-in of %d", how.Thinning, how.BurnIn)
	} else if how.Pilot.Steps != longestPilot {
		t.Errorf("the pilot run gave up after %d steps, want %d", how.Pilot.Steps, longestPilot)
	}
	if how, _, _ := up("algorithm = \"gibbs\"\nburn_in = 20_000"); how.Pilot.Steps != 16_384 {
		t.Errorf("the pilot run gave up after %d steps, want as many doublings as 20 000 have room for", how.Pilot.Steps)
	}
}

// replaceMachine puts another machine into a trained cell.
func replaceMachine(t *testing.T, w *Workspace, cell Cell, m *rbm.Machine) {
	t.Helper()
	dir := w.folders.of(cell)
	if err := store.WriteMachine(dir+"/"+machineFile, arraysOf(m), nil); err != nil {
		t.Fatal(err)
	}
	if err := store.Record(dir, machineFile); err != nil {
		t.Fatal(err)
	}
}

// TestLadderOfBondMachines: machines that are the Ising model at falling temperatures,
// every chain started with all spins up. Exchanges bring p₊ of the coldest, T = 1, to the
// exact ½ within 4 standard deviations (a false alarm in 16 000 seeds); its own chains
// alone all stay up: the control.
func TestLadderOfBondMachines(t *testing.T) {
	const chains, steps = 500, 400
	m := squareModel(t, 4)
	var row []*rbm.Machine
	for _, temperature := range []float64{5, 3.6, 2.9, 2.4, 2, 1.7, 1.45, 1.2, 1} {
		machine, err := BondMachine(m, temperature)
		if err != nil {
			t.Fatal(err)
		}
		row = append(row, machine)
	}
	allUp := slices.Repeat([]uint64{1<<16 - 1}, chains)
	up := func(row []*rbm.Machine) float64 {
		e, err := rbm.NewExchange(row, chains, [32]byte{1})
		if err != nil {
			t.Fatal(err)
		}
		e.SetVisible(allUp)
		e.Step(steps)
		_, _, share := meanPhysics(m, e.Visible())
		return share
	}
	if share := up(row); math.Abs(share-0.5) > 4*0.5/math.Sqrt(chains) {
		t.Errorf("ladder: p₊ = %v, want ½", share)
	}
	if share := up(row[8:]); share < 0.99 {
		t.Errorf("chains of the coldest machine alone: p₊ = %v, and no control", share)
	}
}

// ladderRun samples each machine together with those of two higher temperatures.
var ladderRun = strings.NewReplacer("[2.0, 3.0]", "[1.5, 2.0, 2.5, 3.0]", "chains = 64", "chains = 64\nalgorithm = \"ladder\"\nmachines = 3").Replace(smallRun)

// TestLadderPlan: a cell's sampling needs its own machine and those of the next higher
// temperatures, as many as there are and the run file allows.
func TestLadderPlan(t *testing.T) {
	w := openRun(t, ladderRun)
	want := map[float64][]float64{1.5: {1.5, 2, 2.5}, 2: {2, 2.5, 3}, 2.5: {2.5, 3}, 3: {3}}
	for _, task := range w.Plan.Tasks {
		if task.Stage != Sample {
			continue
		}
		var needs []float64
		for _, i := range task.Needs {
			if w.Plan.Tasks[i].Stage != Train {
				t.Errorf("%s needs a %s", task.Cell.ID(), w.Plan.Tasks[i].Stage)
			}
			needs = append(needs, float64(w.Plan.Tasks[i].Cell.Temperature))
		}
		if !slices.Equal(needs, want[float64(task.Cell.Temperature)]) {
			t.Errorf("%s needs machines of %v", task.Cell.ID(), needs)
		}
	}
}

// TestLadderReproducible: the bytes of a ladder do not depend on the number of workers,
// and another sweep of temperatures is told apart.
func TestLadderReproducible(t *testing.T) {
	one, three := openRun(t, ladderRun), openRun(t, ladderRun)
	mustRun(t, one, 1)
	mustRun(t, three, 3)
	sameFiles(t, "3 workers", reproducible(t, three.Dir), reproducible(t, one.Dir))
	j := &job{task: Task{Cell: one.Plan.Cells(true)[0]}, dir: one.folders.of(one.Plan.Cells(true)[0])}
	how, err := j.readSampling()
	if err != nil || how.Machines != 3 || len(how.Acceptance) != 2 || !(how.Acceptance[0] > 0.1) || !(how.Acceptance[1] <= 1) {
		t.Errorf("%+v, %v", how, err)
	}
	other := reopenRun(t, one.Path, strings.Replace(ladderRun, "2.5, 3.0]", "2.5, 2.8, 3.0]", 1))
	if _, err := other.RunAll(t.Context(), quiet(1)); err == nil || !strings.Contains(err.Error(), "sweep.temperatures") {
		t.Errorf("another sweep: %v", err)
	}
}

// TestOneSidedMachine: CD-1 at T = 1.0 trains a machine that has lost one sign of the
// magnetization, as in the paper: e and m are right, and the verdict is one-sided.
func TestOneSidedMachine(t *testing.T) {
	w := openRun(t, `
seed = 3
lattice = { kind = "square", sizes = [4] }
sweep = { temperatures = [1.0] }
monte_carlo = { configurations = 5_000, validation = 1_000 }
rbm = { hidden = [16] }
sampling = { configurations = 5_000 }
[training]
algorithm = "cd"
steps = 1
batch = 50
updates = 20_000
rate = 0.1
schedule = "constant"
symmetry = "none"
centered = false
flips = false
translations = false
average = 0.0
warm_start = false
`)
	c := mustRun(t, w, 1).Results.Comparisons[0]
	if c.Verdict != "one-sided" || math.Abs(c.Deviations[analysis.Energy].Rel) > 0.01 || math.Abs(c.Deviations[analysis.AbsMagnetization].Rel) > 0.01 || !(c.KL > 1) {
		t.Errorf("verdict %q; e %+v, m %+v, KL %v", c.Verdict, c.Deviations[analysis.Energy], c.Deviations[analysis.AbsMagnetization], c.KL)
	}
}

// TestPilotLooksAtSigns: the sign of the magnetization is for the chains to change,
// unless the machine is exactly symmetric.
func TestPilotLooksAtSigns(t *testing.T) {
	p := pilot{job: &job{model: ising.Model{}}, signed: true}
	if !slices.Contains(p.names(), "magnetization") {
		t.Error("it does not")
	}
	p.signed = false
	if slices.Contains(p.names(), "magnetization") {
		t.Error("it does on a symmetric machine")
	}
}

// TestTrajectory: a training with "ptt" keeps machines along itself, sampling exchanges
// configurations with them, and the bytes do not depend on the number of workers.
func TestTrajectory(t *testing.T) {
	text := strings.NewReplacer("chains = 64", "chains = 64\nalgorithm = \"trajectory\"\nmachines = 5", "[training]", "[training]\nalgorithm = \"ptt\"\nsnapshots = 6").Replace(smallRun)
	w, other := openRun(t, text), openRun(t, text)
	mustRun(t, w, 1)
	mustRun(t, other, 2)
	sameFiles(t, "2 workers", reproducible(t, other.Dir), reproducible(t, w.Dir))
	cell := w.Plan.Cells(true)[0]
	j := &job{spec: w.Run, model: w.Plan.Model(cell), task: Task{Cell: cell}, folders: w.folders, dir: w.folders.of(cell)}
	machine, err := j.readMachine()
	if err != nil {
		t.Fatal(err)
	}
	row, err := j.trajectory(machine)
	if err != nil || len(row) != 5 || !slices.Equal(row[4].Weights, machine.Weights) {
		t.Fatalf("a row of %d machines, %v", len(row), err)
	}
	if start, end := largestWeight(row[0]), largestWeight(row[4]); start > 0.1 || end < 5*start {
		t.Errorf("largest weight %v at the start, %v at the end", start, end)
	}
	how, err := j.readSampling()
	if err != nil || how.Algorithm != "trajectory" || how.Machines != 5 {
		t.Errorf("%+v, %v", how, err)
	}
}

func largestWeight(m *rbm.Machine) float32 {
	return max(slices.Max(m.Weights), -slices.Min(m.Weights))
}

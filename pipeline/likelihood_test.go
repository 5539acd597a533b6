package pipeline

import (
	"encoding/json"
	"io"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"isingrbm/ising"
	"isingrbm/ising/exact"
	"isingrbm/pipeline/progress"
	"isingrbm/pipeline/store"
	"isingrbm/rbm"
)

// bondSamples are independent configurations of the Ising model, which are those of
// its bond machine.
func bondSamples(t *testing.T, m ising.Model, temperature float64, seed byte) []uint64 {
	t.Helper()
	block, err := ising.NewBlock(m, temperature, ising.SwendsenWang, [32]byte{seed})
	if err != nil {
		t.Fatal(err)
	}
	for range 50 { // several autocorrelation times at T_c and L = 32
		block.Step()
	}
	block.FlipAtRandom()
	rows := make([]uint64, ising.Lanes*ising.Words(m.Lattice.Sites()))
	block.Configurations(rows)
	return rows
}

// brackets counts in how many repetitions, each with samples of its own, the bounds
// bracket ln Z of a bond machine at two standard deviations, and returns the mean
// square of the estimate's deviation in units of its error. scale changes the weights
// of the machine that is annealed.
func brackets(t *testing.T, size int, temperature float64, scale float32, repeats int, settings rbm.Annealing) (inside int, square float64) {
	t.Helper()
	m := squareModel(t, size)
	machine, err := BondMachine(m, temperature)
	if err != nil {
		t.Fatal(err)
	}
	for k := range machine.Weights {
		machine.Weights[k] *= scale
	}
	_, logZ, err := exact.BondMachine(m, temperature)
	if err != nil {
		t.Fatal(err)
	}
	for seed := range repeats {
		rows := bondSamples(t, m, temperature, byte(seed))
		if settings.Base, err = annealingBase(m, machine, rows); err != nil {
			t.Fatal(err)
		}
		e, err := machine.AnnealLogPartition(t.Context(), rows, settings, [32]byte{byte(seed), 1})
		if err != nil {
			t.Fatal(err)
		}
		if e.Lower.Value-2*e.Lower.Err <= logZ && logZ <= e.Upper.Value+2*e.Upper.Err {
			inside++
		}
		z := (e.Value - logZ) / e.Err
		square += z * z / float64(repeats)
	}
	return inside, square
}

// TestAnnealingBracketsBondMachine: at L = 8 the bounds bracket the known ln Z in at
// least 17 of 20 repetitions at two temperatures, a false alarm in 60 seeds or more
// with brackets that hold with a probability of 0.95 or more, and the estimate's z² is
// 1 on average within 4·√(2/20). A machine whose weights are 3 % too large is found out.
func TestAnnealingBracketsBondMachine(t *testing.T) {
	settings := rbm.Annealing{Chains: 64, Tolerance: 0.1, MaxSteps: 128}
	for _, temperature := range []float64{1, 2.269185314213022} {
		if inside, square := brackets(t, 8, temperature, 1, 20, settings); inside < 17 || square > 1+4*math.Sqrt(0.1) {
			t.Errorf("T = %.3f: %d of 20 brackets hold, z² is %.2f on average", temperature, inside, square)
		}
	}
	if inside, square := brackets(t, 8, 2.269185314213022, 1.03, 5, settings); inside > 1 {
		t.Errorf("wrong weights: %d of 5 brackets hold, z² is %.2f", inside, square)
	}
}

// TestLikelihoodOfLargeMachine: where no layer is small enough for enumeration ln Z is
// annealed, and KL known all the same.
func TestLikelihoodOfLargeMachine(t *testing.T) {
	w := openRun(t, strings.NewReplacer("sizes = [4]", "sizes = [6]", "hidden = [6]", "hidden = [26]", "[2.0, 3.0]", "[2.0]").Replace(smallRun))
	results := mustRun(t, w, 1).Results
	c := results.Comparisons[0]
	if len(results.Couplings) < 5 || results.Couplings[0].Exact != 0.5 || math.Abs(results.Couplings[0].Sampled.Value-c.CouplingNN) > 1e-12 {
		t.Errorf("couplings %+v, nearest neighbors %v", results.Couplings, c.CouplingNN)
	}
	if !(c.LogZErr > 0 && c.LogZErr < 0.01) || !(c.LogZLower < c.LogZ && c.LogZ < c.LogZUpper) {
		t.Errorf("ln Z = %v ± %v in [%v, %v]", c.LogZ, c.LogZErr, c.LogZLower, c.LogZUpper)
	}
	if !(c.KL > -3*c.KLErr) || !(c.KLErr > c.LogZErr) || c.KLPerSpin != c.KL/36 {
		t.Errorf("KL = %v ± %v, a spin %v", c.KL, c.KLErr, c.KLPerSpin)
	}
}

// TestAnnealOfACell: the annealing of a cell's machine, from the two-mode base that its
// data make to samples of its own, agrees with enumeration.
func TestAnnealOfACell(t *testing.T) {
	w := openRun(t, smallRun)
	mustRun(t, w, 1)
	cell := w.Plan.Cells(true)[0]
	reporter := progress.New(io.Discard, false)
	defer reporter.Close()
	shares := 0
	j := &job{spec: w.Run, model: w.Plan.Model(cell), task: Task{Stage: Sample, Cell: cell}, folders: w.folders, dir: w.folders.of(cell), log: slog.New(slog.DiscardHandler),
		record: &stageState{Total: 1}, counter: reporter.Counter("sample", "", 1, 1), show: func(_, _ float64) { shares++ }, written: time.Now().Add(time.Hour)}
	machine, err := j.readMachine()
	if err != nil {
		t.Fatal(err)
	}
	logZ, err := machine.LogPartition()
	if err != nil {
		t.Fatal(err)
	}
	gibbs, err := rbm.NewGibbs(machine, 1000, [32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	gibbs.Step(200)
	var l likelihood
	if err := j.anneal(t.Context(), machine, gibbs.Visible(), nil, &l); err != nil {
		t.Fatal(err)
	}
	lower, upper := l.bracket()
	if math.Abs(float64(l.LogZ)-logZ) > 4*float64(l.LogZErr) || !(l.LogZErr <= toleranceOfLogZ) || !(lower < logZ && logZ < upper) || l.Method != annealed || len(l.Warnings) > 0 {
		t.Errorf("%+v, enumerated %v", l, logZ)
	}
	if a := j.record.Annealing; a == nil || a.Left != 0 || a.Done < 2*l.Steps || shares == 0 {
		t.Errorf("progress %+v of %d steps, shown %d times", a, l.Steps, shares)
	}
}

// TestReadLikelihood: a file of another cell or format, or with what it should not
// have, is refused with its name.
func TestReadLikelihood(t *testing.T) {
	w := openRun(t, smallRun)
	mustRun(t, w, 1)
	cell := w.Plan.Cells(true)[0]
	j := &job{task: Task{Cell: cell}, folders: w.folders, dir: w.folders.of(cell)}
	path := filepath.Join(j.dir, likelihoodFile)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	l, err := j.readLikelihood()
	if err != nil || l.Method != enumerated || l.LogZErr != 0 || l.Lower.LogZ != l.LogZ || !math.IsNaN(float64(l.Lower.ESS)) {
		t.Errorf("%+v, %v", l, err)
	}
	for old, changed := range map[string]string{
		`"format": 1`: `"format": 2`, cell.ID(): "L009/T1.000000/h0006_r00", `"method"`: `"mehtod"`, `"log_z"`: `"log_z": "x", "log_z_old"`,
	} {
		text := strings.Replace(string(good), old, changed, 1)
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		if err := store.Record(j.dir, likelihoodFile); err != nil {
			t.Fatal(err)
		}
		if _, err := j.readLikelihood(); err == nil || !strings.Contains(err.Error(), likelihoodFile) {
			t.Errorf("%s: %v", changed, err)
		}
	}
}

func TestNumber(t *testing.T) {
	for text, want := range map[string]float64{"1.5": 1.5, "null": math.NaN(), `"inf"`: math.Inf(1), `"-inf"`: math.Inf(-1)} {
		var x number
		if err := json.Unmarshal([]byte(text), &x); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if same := float64(x) == want || math.IsNaN(want) && math.IsNaN(float64(x)); !same {
			t.Errorf("%s is read as %v", text, x)
		}
		if back, err := json.Marshal(x); err != nil || string(back) != text {
			t.Errorf("%v is written as %s (%v)", x, back, err)
		}
	}
	var x number
	if json.Unmarshal([]byte(`"1"`), &x) == nil {
		t.Error("a string passed as a number")
	}
}

// TestCrossTermError: the error of a mean over correlated configurations is that of
// their chains. 200 chains of 50 alternately long-lived values: every value stands five
// times, which makes the error √5 times that of independent ones.
func TestCrossTermError(t *testing.T) {
	m := squareModel(t, 3)
	machine, err := BondMachine(m, 2)
	if err != nil {
		t.Fatal(err)
	}
	d := newDivergence(machine, m, 1) // another temperature: differences fluctuate
	rows := bondSamples(t, m, 2, 1)
	independent := newDivergence(machine, m, 1)
	for r, v := range rows {
		for range 5 {
			d.add([]int32{int32(r / 10)}, []uint64{v})
		}
		independent.add([]int32{int32(r / 10)}, []uint64{v})
	}
	got, want := d.cross(), independent.cross()
	if math.Abs(got.Value-want.Value) > 1e-12 || math.Abs(got.Err/want.Err-1) > 0.3 {
		t.Errorf("repeated configurations: %v, want %v", got, want)
	}
}

// TestMissedMode: a domain wall state that a machine was given on top of the Ising model
// is told by a chain that ended in it, and by nothing else; the machine then gets no pass.
func TestMissedMode(t *testing.T) {
	const temperature, more = 1, 10 // nats that the state has above all others
	m := squareModel(t, 8)
	bonds, err := BondMachine(m, temperature)
	if err != nil {
		t.Fatal(err)
	}
	_, logZ, err := exact.BondMachine(m, temperature)
	if err != nil {
		t.Fatal(err)
	}
	const striped, strength = uint64(0xf0f0f0f0f0f0f0f0), 10
	machine := rbm.NewMachine(64, bonds.Hidden+1)
	copy(machine.VisibleBias, bonds.VisibleBias)
	copy(machine.HiddenBias, bonds.HiddenBias)
	for i := range 64 {
		copy(machine.Weights[i*machine.Hidden:], bonds.Weights[i*bonds.Hidden:][:bonds.Hidden])
		machine.Weights[(i+1)*machine.Hidden-1] = strength * float32(2*int(striped>>i&1)-1)
	}
	gap := float32(logZ + bonds.FreeEnergy([]uint64{striped}) + more) // of its hidden unit where all spins agree with it
	machine.HiddenBias[bonds.Hidden] = gap - strength*32

	rows := bondSamples(t, m, temperature, 1)
	settings := rbm.Annealing{Chains: 64, Tolerance: 0.1, MaxSteps: 128}
	if settings.Base, err = annealingBase(m, machine, rows); err != nil {
		t.Fatal(err)
	}
	for _, seen := range [][]uint64{nil, rows[:20], {striped}} {
		settings.Seen = seen
		e, err := machine.AnnealLogPartition(t.Context(), rows, settings, [32]byte{1})
		if err != nil {
			t.Fatal(err)
		}
		found, want := len(seen) == 1, logZ
		if found {
			want += more
		}
		if e.MissedMode != found || math.Abs(e.Value-want) > 0.5 || math.IsNaN(e.Err) != found {
			t.Errorf("%d configurations seen: %+v, want ln Z = %v", len(seen), e, want)
		}
	}

	w := openRun(t, smallRun)
	mustRun(t, w, 1)
	dir := w.folders.of(w.Plan.Cells(true)[0])
	path := filepath.Join(dir, likelihoodFile)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(text), `"cross"`, `"missed_mode": true, "cross"`, 1)), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := store.Record(dir, likelihoodFile); err != nil {
		t.Fatal(err)
	}
	results, err := w.Analyse(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if first, second := results.Comparisons[0].Verdict, results.Comparisons[1].Verdict; !strings.Contains(first, "a mode of the machine missed") || strings.Contains(second, "missed") {
		t.Errorf("verdicts %q and %q", first, second)
	}
}

package runfile

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"isingrbm/ising"
)

// Limits of one run. Beyond them lies a slipped digit rather than a
// simulation: 1024 by 1024 sites, weights of 1 GiB.
const (
	maxSites   = 1 << 20
	maxHidden  = 1 << 20
	maxWeights = 1 << 28
	maxUpdates = 1_000_000_000
	maxCells   = 100_000
	maxExact   = 20   // units of the smaller layer in exact training
	maxNatural = 5000 // free parameters of a tied machine that follows the natural gradient

	// minConfigurations is the least that says anything about a machine.
	minConfigurations = 100
)

// placedSize is a lattice size and where the file has it.
type placedSize struct {
	size int
	at   span
}

// checkAll looks at how keys that are sound by themselves go together.
func (r *reader) checkAll() {
	r.checkSizes()
	r.checkCells()
	r.checkIndependence()
	r.checkSlurm()
	if r.run.RBM == nil {
		return
	}
	r.checkValidation()
	r.checkFlow()
	r.checkSampling()
	if r.sound("training.preset") {
		r.resolveTraining()
	}
}

// checkSizes makes the model of every size, one after the other because they
// may be large, and asks what cannot be done with it.
func (r *reader) checkSizes() {
	if !r.sound("lattice.kind", "lattice.boundary") {
		return
	}
	for _, s := range r.sizes {
		lattice, message := r.run.Lattice.of(s.size)
		if lattice == nil {
			r.report(s.at, "lattice.sizes", message, "take another size")
			continue
		}
		if !r.brings() {
			r.checkAlgorithm(ising.Model{Lattice: lattice, Coupling: r.run.Lattice.Coupling, Field: r.run.Lattice.Field})
		}
		if r.run.RBM != nil {
			r.checkHidden(lattice.Sites())
		}
	}
}

// of returns the lattice of one size, or why there is none.
func (l Lattice) of(size int) (lattice *ising.Lattice, message string) {
	smallest, err := ising.NewLattice(l.Kind, 3, l.Boundary)
	if err != nil {
		return nil, reasonOf(err)
	}
	sites := 1
	for range smallest.Dimension() {
		if sites *= size; sites > maxSites {
			return nil, fmt.Sprintf("%d^%d are more than %s sites", size, smallest.Dimension(), grouped(maxSites))
		}
	}
	lattice, err = ising.NewLattice(l.Kind, size, l.Boundary)
	if err != nil {
		return nil, reasonOf(err)
	}
	return lattice, ""
}

// alwaysFrustrated reports whether no size and boundary satisfies all bonds.
func (l Lattice) alwaysFrustrated() bool {
	lattice, err := ising.NewLattice(l.Kind, 4, ising.Open)
	return err == nil && ising.Model{Lattice: lattice, Coupling: l.Coupling}.Frustrated()
}

// reasonOf returns the text of another package's error without its name.
func reasonOf(err error) string {
	return firstLine(strings.TrimPrefix(err.Error(), "ising: "))
}

// checkAlgorithm asks for every temperature whether the algorithm can draw the
// model's configurations. What fails at every temperature is a problem of the
// algorithm, what fails at some is one of theirs.
func (r *reader) checkAlgorithm(m ising.Model) {
	const key = "monte_carlo.algorithm"
	algorithm := r.run.MonteCarlo.Algorithm
	if !r.sound(key, "lattice.coupling", "lattice.field") {
		return
	}
	var refused []placedTemperature
	var reasons []string
	for _, t := range r.temperatures {
		if err := ising.CheckAlgorithm(m, algorithm, float64(t.value)); err != nil {
			refused, reasons = append(refused, t), append(reasons, reasonOf(err))
		}
	}
	if all := len(refused) > 0 && len(refused) == len(r.temperatures); all && algorithm != ising.Auto {
		r.report(r.spot(key), key, reasons[0], `algorithm = "auto" takes one that suits`)
		return
	}
	for i, t := range refused {
		r.refuseTemperature(t, reasons[i])
	}
}

// refuseTemperature reports a temperature that cannot be simulated, unless
// another lattice has had it reported.
func (r *reader) refuseTemperature(t placedTemperature, reason string) {
	if !r.refused[t.at] {
		r.refused[t.at] = true
		r.report(t.at, "sweep.temperatures", reason, "leave this temperature out")
	}
}

// checkIndependence refuses a thinning that nothing would be thinned by.
func (r *reader) checkIndependence() {
	const key = "monte_carlo.thinning"
	if mc := r.run.MonteCarlo; mc.Independence == "chain" && mc.Thinning != 0 && r.sound(key, "monte_carlo.independence") {
		r.report(r.spot(key), key, fmt.Sprintf(`thinning = %d beside independence = "chain", which stores one configuration of each chain`, mc.Thinning),
			`remove thinning, or set independence = "thinned"`)
	}
}

// checkCells bounds the number of cells.
func (r *reader) checkCells() {
	cells := len(r.sizes) * len(r.temperatures)
	if rbm := r.run.RBM; rbm != nil {
		cells *= max(1, len(rbm.Hidden)) * max(1, rbm.Replicas)
	}
	if cells > maxCells {
		r.report(r.spot("sweep.temperatures"), "sweep.temperatures",
			fmt.Sprintf("the run has %s cells", grouped(int64(cells))),
			fmt.Sprintf("sizes × temperatures × hidden × replicas is at most %s", grouped(maxCells)))
	}
}

// checkHidden refuses machines that are too large, and two entries that are
// one machine.
func (r *reader) checkHidden(sites int) {
	const key = "rbm.hidden"
	if !r.sound(key) {
		return
	}
	tied, natural := tied(r.run.Training.Symmetry), r.run.Training.Optimizer == "natural"
	smaller := r.run.Training.Algorithm == "exact"
	seen := make(map[int]Hidden)
	for i, h := range r.run.RBM.Hidden {
		at, units := r.hidden[i], h.Units(sites)
		twin, twice := seen[units]
		seen[units] = h
		switch {
		case units > maxHidden || units > maxWeights/sites:
			r.report(at, key, fmt.Sprintf("a machine of %s by %s units is too large", grouped(int64(sites)), grouped(int64(units))),
				fmt.Sprintf("n_h is at most %s, and n_v n_h %s", grouped(maxHidden), grouped(maxWeights)))
			return
		case tied && units%sites != 0:
			r.report(at, key, fmt.Sprintf("%s units are not a multiple of the %d sites, as symmetry %q needs", hiddenText(h), sites, r.run.Training.Symmetry),
				`write "1N" or "2N"`)
			return
		case tied && natural && units+units/sites+1 > maxNatural:
			r.report(at, key, fmt.Sprintf(`training.optimizer "natural" cannot solve for the %s free parameters of %s units`, grouped(int64(units+units/sites+1)), hiddenText(h)),
				fmt.Sprintf(`at most %s, or write optimizer = "sgd" with a rate`, grouped(maxNatural)))
			return
		case smaller && min(units, sites) > maxExact:
			r.report(at, key, fmt.Sprintf(`training.algorithm "exact" cannot enumerate %d by %d units`, sites, units),
				fmt.Sprintf("the smaller layer has at most %d units", maxExact))
			return
		case twice:
			r.report(at, key, fmt.Sprintf("%s and %s are both %d units on %d sites", hiddenText(twin), hiddenText(h), units, sites),
				"remove one of the two")
			return
		}
	}
}

// checkValidation wants held-out configurations wherever there are machines.
func (r *reader) checkValidation() {
	key := "monte_carlo.validation"
	if r.brings() {
		key = "data.validation"
	}
	if _, n, known := r.stored(); known && n < minConfigurations && r.sound(key) {
		r.report(r.spot(key, "data.configurations"), key, fmt.Sprintf("%d held-out configurations are too few for the likelihood of a machine", n),
			fmt.Sprintf("at least %d where the file has [rbm]", minConfigurations))
	}
}

// checkFlow wants a flow to start from configurations that are there.
func (r *reader) checkFlow() {
	flow := r.run.Flow
	if len(flow.From) == 0 || !r.sound("flow", "sweep.temperatures") {
		return
	}
	for i, t := range flow.From {
		if len(r.run.Sweep.Temperatures) > 0 && !slices.ContainsFunc(r.run.Sweep.Temperatures, func(s Temperature) bool { return s.Key() == t.Key() }) {
			r.report(r.starts[i], "flow.from", fmt.Sprintf("%s is no temperature of the sweep", r.source.quote(r.starts[i])),
				"a flow starts from configurations of the sweep")
		}
	}
	if _, held, known := r.stored(); known && flow.Chains > held && r.sound("flow.chains", "monte_carlo.validation") {
		r.report(r.spot("flow.chains", "flow.from"), "flow.chains",
			fmt.Sprintf("%d chains are more than the %d held-out configurations that they start from", flow.Chains, held),
			"fewer chains, or more validation")
	}
}

func (r *reader) checkSampling() {
	s := r.run.Sampling
	if s.Chains > s.Configurations && r.sound("sampling.chains", "sampling.configurations") {
		r.report(r.spot("sampling.chains", "sampling.configurations"), "sampling.chains",
			fmt.Sprintf("%d chains are more than the %d configurations", s.Chains, s.Configurations),
			"every chain gives one configuration at least")
	}
	if s.Algorithm == "gibbs" && r.sound("sampling.algorithm") {
		r.refuse("sampling.machines", `"gibbs" runs chains of one machine alone`, `remove it, or write algorithm = "tempering"`)
	}
}

// checkSlurm wants tasks to work for most of their time.
func (r *reader) checkSlurm() {
	s := r.run.Slurm
	grace := time.Duration(s.Grace) * time.Second
	if r.sound("slurm.time", "slurm.grace") && 2*grace > s.Time {
		r.report(r.spot("slurm.grace", "slurm.time"), "slurm.grace",
			fmt.Sprintf("a grace of %d seconds is more than half the time of a task, %s", s.Grace, durationText(s.Time)),
			"a longer time, or a shorter grace")
	}
}

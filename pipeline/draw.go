package pipeline

import (
	"fmt"
	"math"
	"path/filepath"
	"strconv"

	"isingrbm/analysis"
	"isingrbm/ising"
	"isingrbm/pipeline/store"
)

// The pairs of a file's metadata that say how its configurations were drawn and
// how independent they are. A value that does not exist is empty.
const (
	algorithmKey      = "algorithm"
	thermalizationKey = "thermalization_steps"
	thinningKey       = "thinning_steps"
	pilotTauKey       = "pilot_tau_steps"
	energyRhoKey      = "energy_rho1"
	magnetizationKey  = "abs_magnetization_rho1"
	overlapKey        = "replica_overlap"
	expectedKey       = "replica_overlap_expected"
	overlapZKey       = "replica_overlap_z"
)

// drawMetadata says how the Monte Carlo configurations of a file are drawn.
func (j *job) drawMetadata(schedule ising.Schedule) store.Metadata {
	thinning := strconv.Itoa(schedule.Thinning)
	if perChain(j.spec.MonteCarlo) == 1 {
		thinning = ""
	}
	return store.Metadata{
		{Key: "definition_step", Value: "Monte Carlo steps since the start of the chain"},
		{Key: algorithmKey, Value: string(schedule.Algorithm)},
		{Key: "algorithm_reason", Value: schedule.Reason},
		{Key: "independence", Value: j.spec.MonteCarlo.Independence},
		{Key: thermalizationKey, Value: strconv.Itoa(schedule.Thermalization)},
		{Key: thinningKey, Value: thinning},
		{Key: pilotTauKey, Value: strconv.FormatFloat(schedule.Tau, 'g', 6, 64)},
		{Key: "definition_rho1", Value: "correlation of successive stored configurations of a chain"},
		{Key: "definition_replica_overlap", Value: "mean of q^2, q = sum over sites of s_i t_i / N, over pairs of chains at one step; expected: at different steps, as chains have it that share nothing; z: the difference in standard deviations"},
	}
}

// independenceMetadata says how independent a file's configurations turned out.
func independenceMetadata(found analysis.Independence) store.Metadata {
	var meta store.Metadata
	for _, pair := range []struct {
		key   string
		value float64
	}{
		{energyRhoKey, found.EnergyRho}, {magnetizationKey, found.AbsMagnetizationRho},
		{overlapKey, found.Overlap}, {expectedKey, found.OverlapExpected}, {overlapZKey, found.OverlapZ},
	} {
		text := ""
		if !math.IsNaN(pair.value) {
			text = strconv.FormatFloat(pair.value, 'g', 6, 64)
		}
		meta = append(meta, store.KeyValue{Key: pair.key, Value: text})
	}
	return meta
}

// readDraw reads how the configurations of a file were drawn, nil where it does
// not say.
func readDraw(path string) (*analysis.Draw, error) {
	r, err := store.OpenConfigurations(path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	meta := r.Metadata()
	algorithm, ok := meta.Get(algorithmKey)
	if !ok {
		return nil, nil
	}
	number := func(key string) float64 {
		text, _ := meta.Get(key)
		value, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return math.NaN()
		}
		return value
	}
	return &analysis.Draw{
		Algorithm: algorithm, Thermalization: number(thermalizationKey), Thinning: number(thinningKey), PilotTau: number(pilotTauKey),
		Independence: analysis.Independence{
			EnergyRho: number(energyRhoKey), AbsMagnetizationRho: number(magnetizationKey),
			Overlap: number(overlapKey), OverlapExpected: number(expectedKey), OverlapZ: number(overlapZKey),
		},
	}, nil
}

// alikeLimit is the deviation of the overlap, in standard deviations, above
// which chains are called alike: a false alarm in 1.7 million files.
const alikeLimit = 5

// alike warns of chains that are not independent of each other.
func alike(d *analysis.Draw) string {
	if d == nil || !(math.Abs(d.OverlapZ) > alikeLimit) {
		return ""
	}
	return fmt.Sprintf("the chains are not independent of each other: their overlap is %.4g, that of independent ones %.4g (%.1f standard deviations)",
		d.Overlap, d.OverlapExpected, d.OverlapZ)
}

// draw reads how the configurations of one of the cell's files were drawn, and
// warns where they are not what they should be.
func (j *job) draw(file spinFile) (*analysis.Draw, []string, error) {
	d, err := readDraw(filepath.Join(j.dir, file.name(j.spec)))
	if text := alike(d); text != "" {
		return d, []string{fmt.Sprintf("%s: %s", j.task.Cell.ID(), text)}, err
	}
	return d, nil, err
}

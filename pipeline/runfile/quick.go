package runfile

import (
	"fmt"
	"strconv"
	"strings"
)

// quickest caps what a run takes; what is below is left as it is. Everything else, the
// cells and figures above all, stays, but for sampling that chooses its algorithm itself.
var quickest = map[string]int{
	"monte_carlo.configurations": 1000,
	"monte_carlo.validation":     200,
	"rbm.replicas":               2,
	"training.batch":             100,
	"training.chains":            100,
	"training.updates":           4,
	"training.snapshots":         8,
	"sampling.configurations":    1000,
	"sampling.chains":            50,
	"sampling.burn_in":           20,
	"sampling.thinning":          2,
	"sampling.annealing":         16,
	"flow.iterations":            5,
	"flow.chains":                100,
}

// Quick returns the text of a run file with the cells and figures of r, but so few
// configurations and updates that it takes seconds: it shows that a run works, and
// how its figures will look. Every key is written; the lines of a
// comment head the text.
func (r *Run) Quick(comment string) string {
	var b strings.Builder
	for line := range strings.Lines(comment) {
		b.WriteString("# " + line)
	}
	b.WriteString("\n\n")
	section := ""
	for _, kv := range r.Keys() {
		k, _ := find(kv.Key)
		if s := k.Section(); s != section {
			section = s
			b.WriteString("\n[" + section + "]\n")
		}
		if value := r.quickValue(k, kv.Value); value != "" {
			fmt.Fprintf(&b, "%s = %s\n", k.Name(), value)
		}
	}
	return b.String()
}

// quickValue is the text of a key's value in a quick run, "" for one that is not given.
func (r *Run) quickValue(k Key, value string) string {
	if k.Path == "training.epochs" || k.Required && value == "[]" {
		return "" // updates say the same; brought data have their own sizes and temperatures
	}
	if a := r.Sampling.Algorithm; k.Path == "sampling.machines" && (a == "gibbs" || a == "auto") {
		return "" // a quick run by "gibbs" has but one
	}
	if k.Path == "sampling.algorithm" && value == `"auto"` {
		return `"gibbs"` // machines that have learnt nothing would be tempered
	}
	if most, capped := quickest[k.Path]; capped && *k.field(r).(*int) > most {
		return strconv.Itoa(most)
	}
	return value
}

//go:build stat

package pipeline

import (
	"fmt"
	"math"
	"testing"

	"isingrbm/rbm"
)

// TestAnnealingBracketsBondMachines: the bounds bracket the known ln Z at two standard
// deviations in at least 90 of 100 repetitions, L = 8, 16 and 32, below, at and above
// T_c; brackets that hold with a probability of 0.955 or more fail this in 50 seeds or
// more. The estimate's z² is 1 on average within 4·√(2/100).
func TestAnnealingBracketsBondMachines(t *testing.T) {
	const repeats = 100
	for _, c := range []struct {
		size      int
		settings  rbm.Annealing
		tolerance float64
	}{
		{8, rbm.Annealing{Chains: 128, Tolerance: 0.04}, 4},
		{16, rbm.Annealing{Chains: 64, Tolerance: 0.2, MaxSteps: 1024}, 4},
		{32, rbm.Annealing{Chains: 32, Tolerance: 1, MaxSteps: 512}, 4},
	} {
		for _, temperature := range []float64{2, 2.269185314213022, 2.6} {
			t.Run(fmt.Sprintf("L=%d,T=%.3f", c.size, temperature), func(t *testing.T) {
				inside, square := brackets(t, c.size, temperature, 1, repeats, c.settings)
				t.Logf("%d of %d brackets hold, z² is %.2f on average", inside, repeats, square)
				if inside < 90 || square > 1+c.tolerance*math.Sqrt(2.0/repeats) {
					t.Errorf("%d of %d brackets hold, z² is %.2f on average", inside, repeats, square)
				}
			})
		}
	}
}

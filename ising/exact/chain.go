package exact

import (
	"math"

	"gonum.org/v1/gonum/floats"

	"isingrbm/ising"
)

// maxChainTally is the largest chain whose distribution of M is computed: the work grows with N², to about 0.2 s.
const maxChainTally = 4096

// chainNegligible is the weight, relative to the largest of its length, below which a walk along a chain is taken as zero:
// subnormal numbers are slow.
const chainNegligible = 1e-290

// ring returns the energy and specific heat per spin, the total ln Z and χ₀ of a ring of spins in zero field at J = 1:
//
//	Z = (2 cosh K)^N + (2 sinh K)^N,   χ₀ = (e^{2K}/T) (1 − t^N)/(1 + t^N),   t = tanh K,
//
// with e and c as derivatives, c as a sum of positive terms. T is neither 0 nor infinite.
func ring(spins int, temperature float64) (energy, specificHeat, logZ, susceptibilityZero float64) {
	k, n := 1/temperature, float64(spins)
	t, cosh := math.Tanh(k), math.Cosh(k)
	logT := math.Log1p(-2 / (math.Exp(2*k) + 1))
	tn := math.Exp(n * logT)
	rest := -math.Expm1(n * logT) // 1 − t^N
	slope := 1 / (cosh * cosh)    // dt/dK
	tn2 := math.Exp((n - 2) * logT)
	energy = -t * (1 + tn2) / (1 + tn)
	specificHeat = k * k * slope * (rest + slope*tn2*(n-1-tn)/(1+tn)) / (1 + tn)
	logZ = n*logTwoCosh(k) + math.Log1p(tn)
	susceptibilityZero = k * math.Exp(2*k) * rest / (1 + tn)
	return energy, specificHeat, logZ, susceptibilityZero
}

// openChain returns what ring does, for a chain with two ends: Z = 2 (2 cosh K)^{N−1} and <σ_0 σ_r> = t^r, whose sum has a
// closed form that cancels in the cold and is added up instead.
func openChain(spins int, temperature float64) (energy, specificHeat, logZ, susceptibilityZero float64) {
	k, n := 1/temperature, float64(spins)
	t, cosh := math.Tanh(k), math.Cosh(k)
	bonds := (n - 1) / n
	logZ = math.Ln2 + (n-1)*logTwoCosh(k)
	square, power := 1.0, 1.0 // <M²>/N = 1 + 2 Σ_r (1 − r/N) t^r
	for r := 1; r < spins && power > 0; r++ {
		power *= t
		square += 2 * (1 - float64(r)/n) * power
	}
	return -bonds * t, bonds * math.Pow(k/cosh, 2), logZ, k * square
}

func logTwoCosh(k float64) float64 { return k + math.Log1p(math.Exp(-2*k)) }

// ringStructure returns the connected structure factors S(0) and S(2π/N) of the magnetization of a ring at K = J/T and h/T,
// or of the staggered magnetization if told so, for J < 0 and N even. With ρ the ratio of the eigenvalues of the 2×2
// transfer matrix and cot φ = e^{2K} sinh(h/T), the two-point function is
//
//	<σ_0 σ_r> = cos²φ + sin²φ (ρ^r + ρ^{N−r})/(1 + ρ^N),
//
// and the Fourier transform of the second term is that of a geometric series. Staggering shifts the momentum by π, which
// ρ → −ρ undoes.
func ringStructure(spins int, coupling, field float64, staggered bool) (zero, first float64) {
	n := float64(spins)
	cot, cosh := math.Exp(2*coupling)*math.Sinh(field), math.Exp(2*coupling)*math.Cosh(field)
	root := math.Hypot(1, cot)
	minus, plus := 2*root/(cosh+root), 2*cosh/(cosh+root) // 1 − ρ and 1 + ρ
	rho := math.Expm1(4*coupling) / ((cosh + root) * (cosh + root))
	if staggered {
		minus, plus, rho = plus, minus, -rho
	}
	closing := math.Pow(rho, n)
	closed := 1 - closing
	if rho > 0 {
		closed = -math.Expm1(n * math.Log1p(-minus))
	}
	scale := closed / (1 + closing) * minus * plus / (root * root)
	half := math.Sin(math.Pi / n)
	zero, first = scale/(minus*minus), scale/(minus*minus+4*rho*half*half)
	if !staggered { // cos²φ is not <σ>² = cos²φ (1 − ρ^N)²/(1 + ρ^N)²
		zero += n * cot * cot / (root * root) * 4 * closing / ((1 + closing) * (1 + closing))
	}
	return zero, first
}

// chainTally returns the tally of a chain in a field and the logarithm of what its entries were divided by. If told so it
// counts the spins that are up after every other one is turned over: the order parameter's distribution for J < 0.
func chainTally(m ising.Model, temperature float64, staggered bool) (t tally, logScale float64) {
	walk := newChainWalk(m, temperature, staggered)
	sites := m.Lattice.Sites()
	t = newTally(sites)
	if m.Lattice.Boundary() == ising.Open {
		cells, scale := walk.run(sites, chainCell{down: [3]float64{1}, up: [3]float64{1}})
		t.add(cells, 1)
		return t, scale
	}
	cells, scale := walk.run(sites, chainCell{down: [3]float64{1}})
	for n, c := range cells {
		cells[n] = chainCell{down: walk.bond(c.down, c.up)}
	}
	t.add(cells, 1)
	cells, other := walk.run(sites, chainCell{up: [3]float64{1}})
	for n, c := range cells {
		cells[n] = chainCell{up: walk.bond(c.up, c.down)}
	}
	if other > scale {
		t.scale(math.Exp(scale - other))
		scale = other
	}
	t.add(cells, math.Exp(other-scale))
	return t, scale
}

// add adds the cells, for spins of either direction at the end, times a factor.
func (t tally) add(cells []chainCell, factor float64) {
	for n, c := range cells {
		for j := range t {
			t[j][n] += factor * (c.down[j] + c.up[j])
		}
	}
}

// scale multiplies every entry by a factor.
func (t tally) scale(factor float64) {
	for j := range t {
		floats.Scale(factor, t[j])
	}
}

// A chainCell holds, for one number of up spins, the weights of all walks along a chain that end in a down or in an up spin,
// with the binomial moments of their broken bonds, as a tally does.
type chainCell struct{ down, up [3]float64 }

// A chainWalk is the transfer matrix of a chain, which counts up spins.
type chainWalk struct {
	broken   float64    // the weight of a broken bond
	turned   bool       // whether neighbors of a satisfied bond differ
	down, up [2]float64 // the weight of a spin in the field, on even and on odd sites
}

func newChainWalk(m ising.Model, temperature float64, staggered bool) *chainWalk {
	w := &chainWalk{
		broken: math.Exp(-2 * math.Abs(m.Coupling) / temperature),
		turned: m.Coupling < 0 && !staggered,
	}
	against := math.Exp(-2 * math.Abs(m.Field) / temperature)
	for parity := range 2 {
		w.down[parity], w.up[parity] = against, 1
		if (m.Field < 0) != (staggered && parity == 1) {
			w.down[parity], w.up[parity] = 1, against
		}
	}
	return w
}

// run walks from a first spin to the last, and returns the cells by the number of up spins and the logarithm of what they
// were divided by, lest long chains over- or underflow.
func (w *chainWalk) run(sites int, first chainCell) (cells []chainCell, logScale float64) {
	cells = make([]chainCell, sites+1)
	cells[0].down[0] = w.down[0] * first.down[0]
	cells[1].up[0] = w.up[0] * first.up[0]
	largest := max(cells[0].down[0], cells[1].up[0])
	for site := 1; site < sites; site++ {
		logScale += math.Log(largest)
		largest = w.step(cells[:site+2], w.down[site%2]/largest, w.up[site%2]/largest)
	}
	return cells, logScale
}

// step appends a spin of the given weights, and returns the largest weight of the new cells.
func (w *chainWalk) step(cells []chainCell, down, up float64) (largest float64) {
	for n := len(cells) - 1; n >= 0; n-- {
		next := chainCell{down: w.bond(cells[n].down, cells[n].up)}
		if n > 0 {
			next.up = w.bond(cells[n-1].up, cells[n-1].down)
		}
		for j := range next.up {
			next.down[j] *= down
			next.up[j] *= up
		}
		if next.down[0]+next.up[0] < chainNegligible {
			next = chainCell{}
		}
		largest = max(largest, next.down[0], next.up[0])
		cells[n] = next
	}
	return largest
}

// bond returns the weights of walks that go on to a spin equal to that of the first ones and unequal to that of the others.
func (w *chainWalk) bond(equal, unequal [3]float64) [3]float64 {
	if w.turned {
		equal, unequal = unequal, equal
	}
	equal[0] += w.broken * unequal[0]
	equal[1] += w.broken * (unequal[1] + unequal[0])
	equal[2] += w.broken * (unequal[2] + unequal[1])
	return equal
}

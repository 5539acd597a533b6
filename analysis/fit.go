package analysis

import (
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"
)

// fit is a weighted least-squares fit of linear coefficients.
type fit struct {
	coefficients []float64
	covariance   *mat.SymDense
	chiSquared   float64
	degrees      int // of freedom
}

// leastSquares fits y_i = Σ_k a_k x_ik with errors σ_i, and reports whether the
// coefficients are determined.
func leastSquares(x [][]float64, y, sigma []float64) (fit, bool) {
	n := len(x[0])
	if len(x) < n {
		return fit{}, false
	}
	normal, right := mat.NewSymDense(n, nil), mat.NewVecDense(n, nil)
	for i, row := range x {
		weight := 1 / float64(sigma[i]*sigma[i])
		for k := range n {
			right.SetVec(k, right.AtVec(k)+float64(weight*row[k]*y[i]))
			for l := range k + 1 {
				normal.SetSym(k, l, normal.At(k, l)+float64(weight*row[k]*row[l]))
			}
		}
	}
	var cholesky mat.Cholesky
	if !cholesky.Factorize(normal) {
		return fit{}, false
	}
	var solution mat.VecDense
	if cholesky.SolveVecTo(&solution, right) != nil {
		return fit{}, false
	}
	f := fit{coefficients: solution.RawVector().Data, covariance: mat.NewSymDense(n, nil), degrees: len(x) - n}
	if cholesky.InverseTo(f.covariance) != nil {
		return fit{}, false
	}
	for i, row := range x {
		d := (y[i] - dot(row, f.coefficients)) / sigma[i]
		f.chiSquared += float64(d * d)
	}
	return f, true
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for k := range a {
		sum += float64(a[k] * b[k])
	}
	return sum
}

// at returns the fitted value for a row of the design, and its error.
func (f fit) at(row []float64) (value, err float64) {
	x := mat.NewVecDense(len(row), row)
	return dot(row, f.coefficients), math.Sqrt(mat.Inner(x, f.covariance, x))
}

// error of a coefficient, larger where the fit is worse than its data.
func (f fit) error(k int) float64 {
	err := math.Sqrt(f.covariance.At(k, k))
	if f.degrees > 0 {
		err *= math.Sqrt(max(1, f.chiSquared/float64(f.degrees)))
	}
	return err
}

// credible is the probability of a worse fit below which one is not believed.
const credible = 0.05

// believable reports whether the fit is as good as its data say.
func (f fit) believable() bool {
	return f.degrees == 0 || distuv.ChiSquared{K: float64(f.degrees)}.Survival(f.chiSquared) > credible
}

// powersOf is a row of the design of a polynomial.
func powersOf(x float64, degree int) []float64 {
	row := make([]float64, degree+1)
	row[0] = 1
	for k := 1; k <= degree; k++ {
		row[k] = row[k-1] * x
	}
	return row
}

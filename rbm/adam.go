package rbm

import (
	"math"

	"isingrbm/rbm/internal/kernel"
)

// adam scales the step of every parameter by a running size of its gradient g
// (Kingma and Ba, ICLR 2015, arXiv:1412.6980, algorithm 1). In update t, from 1,
//
//	m = β₁ m + (1−β₁) g,   s = β₂ s + (1−β₂) g²
//	direction = m/(1−β₁ᵗ) / (√(s/(1−β₂ᵗ)) + ε)
//
// all in float32, rounded after every operation; the factors 1/(1−βᵗ) are computed
// in float64.
type adam struct {
	first, second, along  *parameters // m, s and the direction
	beta1, beta2, epsilon float32
	updates               int64
	unbias1, unbias2      float32 // 1/(1−βᵗ) of this update
}

// newAdam returns nil where the settings do not ask for it.
func newAdam(p *parameters, s Settings) *adam {
	if s.Optimizer != adaptive {
		return nil
	}
	a := &adam{beta1: float32(s.Beta1), beta2: float32(s.Beta2), epsilon: float32(s.Epsilon)}
	for _, part := range []**parameters{&a.first, &a.second, &a.along} {
		*part = newParameters(p.visible, p.hidden)
	}
	return a
}

// begin starts an update.
func (a *adam) begin() {
	a.updates++
	a.unbias1, a.unbias2 = unbiased(a.beta1, a.updates), unbiased(a.beta2, a.updates)
}

// follow takes in a part of the gradient and sets the same part of the direction.
func (a *adam) follow(g *parameters, part func(p *parameters) []kernel.Strip) {
	beta1, beta2, rest1, rest2 := a.beta1, a.beta2, 1-a.beta1, 1-a.beta2
	unbias1, unbias2, epsilon := a.unbias1, a.unbias2, a.epsilon
	gradients, first, second, along := part(g), part(a.first), part(a.second), part(a.along)
	for i := range gradients {
		m, s, d := &first[i], &second[i], &along[i]
		for l, x := range gradients[i] {
			m[l] = float32(beta1*m[l]) + float32(rest1*x)
			s[l] = float32(beta2*s[l]) + float32(float32(rest2*x)*x)
			d[l] = float32(m[l]*unbias1) / (root(float32(s[l]*unbias2)) + epsilon)
		}
	}
}

// root is √x in float32: the root of a float32 in float64, rounded again, is rounded
// correctly (Figueroa, ACM SIGNUM Newsletter 30 (3), 21 (1995)).
func root(x float32) float32 { return float32(math.Sqrt(float64(x))) }

// unbiased returns 1/(1−βᵗ), the power by repeated squaring.
func unbiased(beta float32, t int64) float32 {
	power := 1.0
	for square := float64(beta); t > 0; t >>= 1 {
		if t&1 == 1 {
			power *= square
		}
		square *= square
	}
	return float32(1 / (1 - power))
}

// shrink adds the gradient of −λ Σ|W|, which is −λ sign W and none at W = 0.
func shrink(gradient, weights []kernel.Strip, lambda float32) {
	size := math.Float32bits(lambda)
	for s := range weights {
		g := &gradient[s]
		for l, w := range weights[s] {
			if w != 0 {
				g[l] -= math.Float32frombits(math.Float32bits(w)&(1<<31) | size)
			}
		}
	}
}

package ising

import (
	"math"
	"strings"
	"testing"
)

// At T = 0 a block draws the states of lowest energy that enumeration finds, all of them and equally often; where groundStates
// refuses, there are others than one or two, or they are not what it knows. A two-valued draw of 512 chains is more than 5σ
// from half with probability 6·10⁻⁷.
func TestGroundStatesAreThoseOfLowestEnergy(t *testing.T) {
	for _, c := range []struct {
		kind     Kind
		size     int
		boundary Boundary
	}{{Chain, 5, Periodic}, {Chain, 6, Periodic}, {Chain, 5, Open}, {Square, 3, Periodic}, {Square, 4, Periodic},
		{Square, 3, Open}, {Triangular, 3, Periodic}, {Triangular, 2, Open}, {Cubic, 2, Open}} {
		for _, coupling := range []float64{1, -1} {
			for _, field := range []float64{0, 0.5, -0.5, 2, -2, 3, 4, 6, -6.5} {
				checkGround(t, Model{mustLattice(t, c.kind, c.size, c.boundary), coupling, field})
			}
		}
	}
}

func checkGround(t *testing.T, m Model) {
	t.Helper()
	s := newSlow(m)
	lowest := math.Inf(1)
	lowestStates := map[int]int{}
	for state := range 1 << s.sites {
		e, _, _ := s.measure(spinOf(uint64(state)))
		switch {
		case e < lowest-1e-9:
			lowest = e
			lowestStates = map[int]int{state: 0}
		case e < lowest+1e-9:
			lowestStates[state] = 0
		}
	}
	g, err := groundStates(m)
	if err != nil {
		if m.Coupling > 0 || m.Field == 0 && !m.Frustrated() {
			t.Errorf("%v: %v", m, err)
		}
		return
	}
	spins := make([]lanes, s.sites)
	g.step(spins, testStream([32]byte{28}))
	for _, state := range states(spins) {
		if _, ok := lowestStates[state]; !ok {
			t.Fatalf("%v: state %b is no ground state", m, state)
		}
		lowestStates[state]++
	}
	for state, n := range lowestStates {
		expected := float64(Lanes) / float64(len(lowestStates))
		if math.Abs(float64(n)-expected) > 5*math.Sqrt(Lanes)/2 {
			t.Errorf("%v: ground state %b drawn %d times of %d", m, state, n, Lanes)
		}
	}
}

func TestGroundStatesSayWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		m    Model
		want string
	}{
		{Model{mustLattice(t, Triangular, 6, Periodic), -1, 0}, "frustrated"},
		{Model{mustLattice(t, Square, 5, Periodic), -1, 0.5}, "frustrated"},
		{Model{mustLattice(t, Square, 4, Periodic), -1, 4}, "|h| above 4"},
		{Model{mustLattice(t, Square, 4, Open), -1, 1}, "not known"},
	} {
		if _, err := NewBlock(c.m, 0, Auto, [32]byte{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: error %v, want one with %q", c.m, err, c.want)
		}
	}
}

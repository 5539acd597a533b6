package rbm

import "testing"

// The gradient of any data and chains is that of ⟨F⟩_chains − ⟨F⟩_data: compare with
// v_i p(h_j|v) averaged in float64, for numbers of rows around whole groups and
// words, and different ones in the two phases.
func TestAssembleAgainstFloat64(t *testing.T) {
	for _, shape := range [][2]int{{1, 1}, {70, 20}, {64, 64}, {17, 4}} {
		for _, rows := range [][2]int{{1, 1}, {3, 100}, {100, 3}, {64, 65}, {129, 6}} {
			m := randomMachine(22, shape[0], shape[1], 0.5)
			data, machine := newPhase(rows[0], m.Visible, m.Hidden), newPhase(rows[1]+7, m.Visible, m.Hidden)
			machine.n = rows[1] // as in a short minibatch
			copy(data.visible.rows, randomRows(8, rows[0], m.Visible))
			copy(machine.visible.rows, randomRows(9, rows[1]+7, m.Visible))
			compareAssembled(t, m, data, machine)
		}
	}
}

func compareAssembled(t *testing.T, m *Machine, data, machine *phase) {
	t.Helper()
	model := newConditionals(m.Visible, m.Hidden, newStream([32]byte{}), newTeam(1))
	model.set(parametersOf(m))
	model.hiddenMeans(data.means, data.rows(), 1/float32(data.n))
	model.hiddenMeans(machine.means, machine.rows(), -1/float32(machine.n))
	g := newParameters(m.Visible, m.Hidden)
	hiddenMeans := newParameters(0, m.Hidden).panels
	g.assemble(hiddenMeans, data, machine, model.team)
	a, b := literalAverages(m, data), literalAverages(m, machine)
	got := flatten(g.machine())
	for k := range got {
		if !near(got[k], a[k]-b[k], 5e-7) {
			t.Fatalf("%d × %d, %d and %d rows: gradient %d is %g, want %g", m.Visible, m.Hidden, data.n, machine.n, k, got[k], a[k]-b[k])
		}
	}
	for j := range m.Hidden {
		if want := a[len(a)-m.Hidden+j]; !near(float64(*at(hiddenMeans, j)), want, 5e-7) {
			t.Fatalf("the data's hidden mean %d is %g, want %g", j, *at(hiddenMeans, j), want)
		}
	}
	for o := range g.strips() {
		for _, row := range g.panel(o) {
			for l, x := range row {
				if o*16+l >= m.Hidden && x != 0 {
					t.Fatal("a padded lane has a gradient")
				}
			}
		}
	}
}

// literalAverages returns ⟨v_i h_j⟩, ⟨v_i⟩ and ⟨h_j⟩ of a phase with hidden means.
func literalAverages(m *Machine, p *phase) []float64 {
	sums := make([]float64, m.Visible*m.Hidden+m.Visible+m.Hidden)
	h, words := make([]float64, m.Hidden), Words(m.Visible)
	for r := range p.n {
		v := p.visible.rows[r*words:][:words]
		m.HiddenMeans(v, h)
		for j, mean := range h {
			sums[m.Visible*m.Hidden+m.Visible+j] += mean / float64(p.n)
			forEachBit(v, func(i int) { sums[i*m.Hidden+j] += mean / float64(p.n) })
		}
		forEachBit(v, func(i int) { sums[m.Visible*m.Hidden+i] += 1 / float64(p.n) })
	}
	return sums
}

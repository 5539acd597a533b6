package rbm

import (
	"strings"
	"testing"
)

func TestCheckRows(t *testing.T) {
	for _, c := range []struct {
		rows  []uint64
		units int
		want  string // "" for rows that are right
	}{
		{nil, 3, ""}, {[]uint64{7, 0, 5}, 3, ""}, {[]uint64{^uint64(0)}, 64, ""}, {[]uint64{^uint64(0), 1}, 65, ""},
		{[]uint64{7, 8}, 3, "row 1 of the data has bits beyond its 3 units"},
		{[]uint64{0, 1, 0, 2}, 65, "row 1 of the data has bits"},
		{[]uint64{0, 1, 0}, 65, "3 words of the data are not whole rows of 2 words"},
	} {
		err := checkRows("the data", c.rows, c.units)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%d units of %x: %v, want %q", c.units, c.rows, err, c.want)
		}
		if areRows(c.rows, c.units) != (err == nil) {
			t.Errorf("%d units of %x: rows that are right: %v", c.units, c.rows, err != nil)
		}
	}
}

// Rows that do not fit a machine of 65 units end in a panic that names the method, as
// they would give a wrong number or an index out of range.
func TestRowsThatDoNotFitPanic(t *testing.T) {
	m := NewMachine(65, 3)
	trainer := newTestTrainer(t, working(), 65, 3, randomRows(1, 20, 65))
	for name, use := range map[string]func(rows []uint64){
		"FreeEnergy":          func(rows []uint64) { m.FreeEnergy(rows) },
		"FreeEnergies":        func(rows []uint64) { m.FreeEnergies(rows) },
		"PseudoLogLikelihood": func(rows []uint64) { m.PseudoLogLikelihood(rows) },
		"Record":              func(rows []uint64) { trainer.Record(rows) },
	} {
		use([]uint64{3, 1})
		for _, rows := range [][]uint64{{1}, {1, 1, 1}, {1, 2}, {1, 1 << 63}} {
			func() {
				defer func() {
					if reason, ok := recover().(string); !ok || !strings.HasPrefix(reason, "rbm: "+name+" needs ") {
						t.Errorf("%s of %x: %q", name, rows, reason)
					}
				}()
				use(rows)
			}()
		}
	}
}

func TestFreeEnergyPanicsForTwoRows(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("two rows passed for one")
		}
	}()
	NewMachine(65, 3).FreeEnergy([]uint64{0, 1, 0, 1})
}

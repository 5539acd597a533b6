package rbm

import (
	"reflect"
	"testing"
)

func TestParametersKeepTheMachine(t *testing.T) {
	for _, shape := range [][2]int{{1, 1}, {16, 16}, {17, 33}, {64, 4}} {
		m := randomMachine(18, shape[0], shape[1], 1)
		p := parametersOf(m)
		if got := p.machine(); !reflect.DeepEqual(got, m) {
			t.Errorf("%v: the machine came back changed", shape)
		}
		for o := range p.strips() {
			for _, row := range p.panel(o) {
				for lane := range row {
					if o*16+lane >= m.Hidden && row[lane] != 0 {
						t.Fatalf("%v: a padded lane is not zero", shape)
					}
				}
			}
		}
	}
}

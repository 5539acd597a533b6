package analysis

import (
	"regexp"
	"strings"
	"testing"
)

func TestObservablesInOrder(t *testing.T) {
	const order = "energy abs_magnetization magnetization specific_heat susceptibility susceptibility_zero binder up_fraction correlation_length"
	var names []string
	for _, o := range Observables() {
		names = append(names, o.Name)
	}
	if got := strings.Join(names, " "); got != order {
		t.Errorf("%s, want %s", got, order)
	}
	if Observables()[CorrelationLength].Name != "correlation_length" || len(names) != observableCount {
		t.Error("the positions do not match the table")
	}
}

func TestObservablesAreDescribed(t *testing.T) {
	column := regexp.MustCompile(`^[a-z][a-z_]*$`)
	for _, o := range Observables() {
		if !column.MatchString(o.Name) {
			t.Errorf("%q is no column name", o.Name)
		}
		if o.Title == "" || o.Symbol == "" || o.Definition == "" {
			t.Errorf("%s lacks a title, a symbol or a definition", o.Name)
		}
	}
	Observables()[0].Name = "changed"
	if Observables()[0].Name != "energy" {
		t.Error("a caller can change the table")
	}
}

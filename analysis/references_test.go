package analysis

import (
	"strings"
	"testing"

	"isingrbm/ising"
)

func keysOf(references []Reference) string {
	keys := make([]string, len(references))
	for i, r := range references {
		keys[i] = r.Key
	}
	return strings.Join(keys, " ")
}

func TestReferencesFollowTheMethods(t *testing.T) {
	const errors = "Binder1981 Cooper1982 Sokal1997 Wolff2004 Busing1999"
	for _, c := range []struct {
		name    string
		methods Methods
		want    string
	}{
		{"Monte Carlo study", Methods{Lattice: ising.Chain, Algorithms: []ising.Algorithm{ising.HeatBath}},
			"Glauber1963 " + errors},
		{"cubic", Methods{Lattice: ising.Cubic, Periodic: true, Algorithms: []ising.Algorithm{ising.Wolff, ising.Metropolis}},
			"Ferrenberg2018 Metropolis1953 Wolff1989 " + errors},
		{"open square", Methods{Lattice: ising.Square},
			"Onsager1944 Yang1952 " + errors},
		{"cd", Methods{Lattice: ising.Square, Periodic: true, Training: "cd"},
			"Torlai2016 Onsager1944 Kaufman1949 Yang1952 Ferdinand1969 Hinton2002 " + errors},
		{"pcd", Methods{Lattice: ising.Chain, Training: "pcd", Centered: true, Averaged: true, Couplings: true, Annealed: true},
			"Torlai2016 Hinton2002 Tieleman2008 Melchior2016 Polyak1992 Cossu2019 Decelle2024 Salakhutdinov2008 Burda2015 Bennett1976 " + errors},
		{"clusters", Methods{Lattice: ising.Triangular, Algorithms: []ising.Algorithm{ising.MetropolisWolff, ising.SwendsenWang, ising.Perfect}, Training: "cd", Annealed: true},
			"Torlai2016 Metropolis1953 Swendsen1987 Wolff1989 Propp1996 Hinton2002 Salakhutdinov2008 Burda2015 Bennett1976 " + errors},
	} {
		if got := keysOf(References(c.methods)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestEveryWorkIsCitable(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range works() {
		if seen[r.Key] {
			t.Errorf("%s appears twice", r.Key)
		}
		seen[r.Key] = true
		if !strings.HasSuffix(r.Key, r.Year) {
			t.Errorf("%s is of %s", r.Key, r.Year)
		}
		entry := r.BibTeX()
		if strings.Count(entry, "{") != strings.Count(entry, "}") {
			t.Errorf("unbalanced braces in %s", entry)
		}
		for _, c := range entry {
			if c > 127 {
				t.Errorf("%s holds %q, which old BibTeX cannot read", r.Key, c)
			}
		}
		if text := r.Text(); !strings.Contains(text, r.Title) || !strings.Contains(text, "("+r.Year+")") {
			t.Errorf("text of %s lacks title or year: %s", r.Key, text)
		}
	}
	for _, o := range Observables() {
		if o.Citation != "" && !seen[o.Citation] {
			t.Errorf("%s cites %s, which is no reference", o.Name, o.Citation)
		}
	}
}

func TestReferencePrinted(t *testing.T) {
	paper := work("Torlai2016")
	const text = "G. Torlai and R. G. Melko, Learning thermodynamics with Boltzmann machines, Phys. Rev. B 94, 165134 (2016)."
	if got := paper.Text(); got != text {
		t.Errorf("%q, want %q", got, text)
	}
	const entry = `@article{Torlai2016,
  author = {Torlai, Giacomo and Melko, Roger G.},
  title = {Learning thermodynamics with {Boltzmann} machines},
  journal = {Phys. Rev. B},
  volume = {94},
  pages = {165134},
  year = {2016},
  doi = {10.1103/PhysRevB.94.165134},
}
`
	if got := paper.BibTeX(); got != entry {
		t.Errorf("%s, want %s", got, entry)
	}
	for key, want := range map[string]string{
		"Tieleman2008": "T. Tieleman, Training",
		"Melchior2016": "J. Melchior, A. Fischer, and L. Wiskott, How",
	} {
		if got := work(key).Text(); !strings.HasPrefix(got, want) {
			t.Errorf("%q does not start with %q", got, want)
		}
	}
}

func TestUnknownReferencePanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("an unknown key was found")
		}
	}()
	work("Nobody2000")
}

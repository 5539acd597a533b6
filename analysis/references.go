package analysis

import (
	"slices"
	"strings"

	"isingrbm/ising"
)

// Reference is one work to cite.
type Reference struct {
	Key       string // BibTeX key
	Authors   string // "Family, Given and Family, Given", as BibTeX has it
	Title     string
	Published string // journal or book
	Volume    string
	Pages     string // first page, article number, or range
	Year      string
	DOI       string // empty where there is none
}

// Methods says what a run used, for References.
type Methods struct {
	Lattice    ising.Kind
	Periodic   bool
	Algorithms []ising.Algorithm // of the Monte Carlo, resolved
	Training   string            // "cd", "pcd", "ptt" or "exact"; empty in a run without machines
	Centered   bool              // gradients centered
	Averaged   bool              // weights averaged over the last updates
	Couplings  bool              // couplings inferred from the weights
	Annealed   bool              // ln Z of machines by annealed importance sampling
	Flows      bool              // configurations reconstructed again and again
}

// References lists the works whose methods were used, each once: the paper
// reproduced, the exact answers, the sampling, the training, the analysis.
func References(m Methods) []Reference {
	keys := exactKeys(m)
	keys = append(keys, samplingKeys(m.Algorithms)...)
	if m.Training != "" {
		keys = append([]string{"Torlai2016"}, append(keys, trainingKeys(m)...)...)
	}
	keys = append(keys, "Binder1981", "Cooper1982", "Sokal1997", "Wolff2004", "Busing1999")
	references := make([]Reference, len(keys))
	for i, key := range keys {
		references[i] = work(key)
	}
	return references
}

func exactKeys(m Methods) []string {
	switch {
	case m.Lattice == ising.Square && m.Periodic:
		return []string{"Onsager1944", "Kaufman1949", "Yang1952", "Ferdinand1969"}
	case m.Lattice == ising.Square:
		return []string{"Onsager1944", "Yang1952"}
	case m.Lattice == ising.Cubic:
		return []string{"Ferrenberg2018"}
	}
	return nil
}

func samplingKeys(algorithms []ising.Algorithm) []string {
	var keys []string
	if slices.Contains(algorithms, ising.Metropolis) || slices.Contains(algorithms, ising.MetropolisWolff) {
		keys = append(keys, "Metropolis1953")
	}
	if slices.Contains(algorithms, ising.HeatBath) {
		keys = append(keys, "Glauber1963")
	}
	if slices.Contains(algorithms, ising.SwendsenWang) {
		keys = append(keys, "Swendsen1987")
	}
	if slices.Contains(algorithms, ising.Wolff) || slices.Contains(algorithms, ising.MetropolisWolff) {
		keys = append(keys, "Wolff1989")
	}
	if slices.Contains(algorithms, ising.Perfect) {
		keys = append(keys, "Propp1996")
	}
	return keys
}

func trainingKeys(m Methods) []string {
	keys := []string{"Hinton2002"}
	switch m.Training {
	case "pcd":
		keys = append(keys, "Tieleman2008")
	case "ptt":
		keys = append(keys, "Tieleman2008", "Bereux2025")
	}
	if m.Centered {
		keys = append(keys, "Melchior2016")
	}
	if m.Averaged {
		keys = append(keys, "Polyak1992")
	}
	if m.Couplings {
		keys = append(keys, "Cossu2019", "Decelle2024")
	}
	if m.Annealed {
		keys = append(keys, "Salakhutdinov2008", "Burda2015", "Bennett1976")
	}
	if m.Flows {
		keys = append(keys, "Iso2018")
	}
	return keys
}

// work looks a key up in the list of all works; an unknown key is a mistake in
// this file.
func work(key string) Reference {
	all := works()
	i := slices.IndexFunc(all, func(r Reference) bool { return r.Key == key })
	if i < 0 {
		panic("analysis: unknown reference")
	}
	return all[i]
}

func works() []Reference {
	return []Reference{
		{"Torlai2016", "Torlai, Giacomo and Melko, Roger G.", "Learning thermodynamics with Boltzmann machines", "Phys. Rev. B", "94", "165134", "2016", "10.1103/PhysRevB.94.165134"},
		{"Onsager1944", "Onsager, Lars", "Crystal statistics. I. A two-dimensional model with an order-disorder transition", "Phys. Rev.", "65", "117", "1944", "10.1103/PhysRev.65.117"},
		{"Kaufman1949", "Kaufman, Bruria", "Crystal statistics. II. Partition function evaluated by spinor analysis", "Phys. Rev.", "76", "1232", "1949", "10.1103/PhysRev.76.1232"},
		{"Yang1952", "Yang, C. N.", "The spontaneous magnetization of a two-dimensional Ising model", "Phys. Rev.", "85", "808", "1952", "10.1103/PhysRev.85.808"},
		{"Ferdinand1969", "Ferdinand, Arthur E. and Fisher, Michael E.", "Bounded and inhomogeneous Ising models. I. Specific-heat anomaly of a finite lattice", "Phys. Rev.", "185", "832", "1969", "10.1103/PhysRev.185.832"},
		{"Ferrenberg2018", "Ferrenberg, Alan M. and Xu, Jiahao and Landau, David P.", "Pushing the limits of Monte Carlo simulations for the three-dimensional Ising model", "Phys. Rev. E", "97", "043301", "2018", "10.1103/PhysRevE.97.043301"},
		{"Metropolis1953", "Metropolis, Nicholas and Rosenbluth, Arianna W. and Rosenbluth, Marshall N. and Teller, Augusta H. and Teller, Edward", "Equation of state calculations by fast computing machines", "J. Chem. Phys.", "21", "1087", "1953", "10.1063/1.1699114"},
		{"Glauber1963", "Glauber, Roy J.", "Time-dependent statistics of the Ising model", "J. Math. Phys.", "4", "294", "1963", "10.1063/1.1703954"},
		{"Wolff1989", "Wolff, Ulli", "Collective Monte Carlo updating for spin systems", "Phys. Rev. Lett.", "62", "361", "1989", "10.1103/PhysRevLett.62.361"},
		{"Swendsen1987", "Swendsen, Robert H. and Wang, Jian-Sheng", "Nonuniversal critical dynamics in Monte Carlo simulations", "Phys. Rev. Lett.", "58", "86", "1987", "10.1103/PhysRevLett.58.86"},
		{"Propp1996", "Propp, James Gary and Wilson, David Bruce", "Exact sampling with coupled Markov chains and applications to statistical mechanics", "Random Struct. Algorithms", "9", "223", "1996", "10.1002/(SICI)1098-2418(199608/09)9:1/2<223::AID-RSA14>3.0.CO;2-O"},
		{"Salakhutdinov2008", "Salakhutdinov, Ruslan and Murray, Iain", "On the quantitative analysis of deep belief networks", "Proceedings of the 25th International Conference on Machine Learning", "", "872", "2008", "10.1145/1390156.1390266"},
		{"Burda2015", "Burda, Yuri and Grosse, Roger and Salakhutdinov, Ruslan", "Accurate and conservative estimates of MRF log-likelihood using reverse annealing", "Proceedings of the 18th International Conference on Artificial Intelligence and Statistics", "38", "102", "2015", ""},
		{"Hinton2002", "Hinton, Geoffrey E.", "Training products of experts by minimizing contrastive divergence", "Neural Comput.", "14", "1771", "2002", "10.1162/089976602760128018"},
		{"Tieleman2008", "Tieleman, Tijmen", "Training restricted Boltzmann machines using approximations to the likelihood gradient", "Proceedings of the 25th International Conference on Machine Learning", "", "1064", "2008", "10.1145/1390156.1390290"},
		{"Melchior2016", "Melchior, Jan and Fischer, Asja and Wiskott, Laurenz", "How to center deep Boltzmann machines", "J. Mach. Learn. Res.", "17(99)", "1", "2016", ""},
		{"Polyak1992", "Polyak, B. T. and Juditsky, A. B.", "Acceleration of stochastic approximation by averaging", "SIAM J. Control Optim.", "30", "838", "1992", "10.1137/0330046"},
		{"Iso2018", "Iso, Satoshi and Shiba, Shotaro and Yokoo, Sumito", "Scale-invariant feature extraction of neural network and renormalization group flow", "Phys. Rev. E", "97", "053304", "2018", "10.1103/PhysRevE.97.053304"},
		{"Cossu2019", "Cossu, Guido and Del Debbio, Luigi and Giani, Tommaso and Khamseh, Ava and Wilson, Michael", "Machine learning determination of dynamical parameters: The Ising model case", "Phys. Rev. B", "100", "064304", "2019", "10.1103/PhysRevB.100.064304"},
		{"Decelle2024", "Decelle, Aurélien and Furtlehner, Cyril and Navas Gómez, Alfonso De Jesús and Seoane, Beatriz", "Inferring effective couplings with restricted Boltzmann machines", "SciPost Phys.", "16", "095", "2024", "10.21468/SciPostPhys.16.4.095"},
		{"Bennett1976", "Bennett, Charles H.", "Efficient estimation of free energy differences from Monte Carlo data", "J. Comput. Phys.", "22", "245", "1976", "10.1016/0021-9991(76)90078-4"},
		{"Bereux2025", "Béreux, Nicolas and Decelle, Aurélien and Furtlehner, Cyril and Rosset, Lorenzo and Seoane, Beatriz", "Fast training and sampling of restricted Boltzmann machines", "Proceedings of the 13th International Conference on Learning Representations", "", "arXiv:2405.15376", "2025", "10.48550/arXiv.2405.15376"},
		{"Binder1981", "Binder, K.", "Finite size scaling analysis of Ising model block distribution functions", "Z. Phys. B", "43", "119", "1981", "10.1007/BF01293604"},
		{"Cooper1982", "Cooper, Fred and Freedman, B. and Preston, Dean", "Solving φ⁴₁,₂ field theory with Monte Carlo", "Nucl. Phys. B", "210", "210", "1982", ""},
		{"Sokal1997", "Sokal, Alan D.", "Monte Carlo methods in statistical mechanics: Foundations and new algorithms", "Functional Integration: Basics and Applications, NATO ASI Series B", "361", "131", "1997", "10.1007/978-1-4899-0319-8_6"},
		{"Wolff2004", "Wolff, Ulli", "Monte Carlo errors with less errors", "Comput. Phys. Commun.", "156", "143", "2004", "10.1016/S0010-4655(03)00467-3"},
		{"Busing1999", "Busing, Frank M. T. A. and Meijer, Erik and van der Leeden, Rien", "Delete-m jackknife for unequal m", "Stat. Comput.", "9", "3", "1999", "10.1023/A:1008800423698"},
	}
}

// Text is the reference as a journal prints it, plain Unicode, without the DOI.
func (r Reference) Text() string {
	var b strings.Builder
	b.WriteString(printedNames(r.Authors) + ", " + r.Title + ", " + r.Published)
	if r.Volume != "" {
		b.WriteString(" " + r.Volume)
	}
	b.WriteString(", " + r.Pages + " (" + r.Year + ").")
	return b.String()
}

// printedNames turns "Torlai, Giacomo and Melko, Roger G." into
// "G. Torlai and R. G. Melko".
func printedNames(authors string) string {
	names := strings.Split(authors, " and ")
	for i, name := range names {
		family, given, _ := strings.Cut(name, ", ")
		var initials strings.Builder
		for _, part := range strings.Fields(given) {
			initials.WriteString(part[:1] + ". ")
		}
		names[i] = initials.String() + family
	}
	if len(names) == 1 {
		return names[0]
	}
	last := len(names) - 1
	separator := " and "
	if last > 1 {
		separator = ", and "
	}
	return strings.Join(names[:last], ", ") + separator + names[last]
}

// BibTeX is the entry for references.bib, pure ASCII, with a final newline.
func (r Reference) BibTeX() string {
	kind, where := "article", "journal"
	switch {
	case strings.HasPrefix(r.Published, "Proceedings"):
		kind, where = "inproceedings", "booktitle"
	case strings.HasPrefix(r.Published, "Functional Integration"):
		kind, where = "incollection", "booktitle"
	}
	var b strings.Builder
	b.WriteString("@" + kind + "{" + r.Key + ",\n")
	for _, field := range [][2]string{
		{"author", bibAccents(r.Authors)}, {"title", bibTitle(r.Title)}, {where, r.Published},
		{"volume", r.Volume}, {"pages", r.Pages}, {"year", r.Year}, {"doi", r.DOI},
	} {
		if field[1] != "" {
			b.WriteString("  " + field[0] + " = {" + field[1] + "},\n")
		}
	}
	b.WriteString("}\n")
	return b.String()
}

// bibAccents writes the accented letters of names in TeX.
func bibAccents(names string) string {
	return strings.NewReplacer("é", `{\'e}`, "ó", `{\'o}`, "ú", `{\'u}`).Replace(names)
}

// bibTitle protects the capitals that BibTeX styles would lower, and writes
// the one title with a formula in TeX.
func bibTitle(title string) string {
	title = strings.ReplaceAll(title, "φ⁴₁,₂", `$\phi^4_{1,2}$`)
	for _, name := range []string{"Boltzmann", "Ising", "Monte Carlo", "MRF"} {
		title = strings.ReplaceAll(title, name, "{"+name+"}")
	}
	return title
}

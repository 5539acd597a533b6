package ising

// A class is a set of sites that have equally many neighbors and of which no two are neighbors, so that they can be updated
// at once. A sweep over all classes in order is a sweep over all sites in order.
type class struct {
	degree int
	sites  []int32
}

// partition returns the classes of a lattice, by color and then by number of neighbors. The color of a site is the first that
// none of its neighbors with lower numbers has; on a bipartite lattice the two colors are the sublattices.
func partition(l *Lattice) []class {
	color := make([]int, l.sites)
	byColor := [][]class{}
	for site := range color {
		neighbors := l.Neighbors(site)
		color[site] = freeColor(color, neighbors, int32(site))
		if color[site] == len(byColor) {
			byColor = append(byColor, nil)
		}
		insert(&byColor[color[site]], int32(site), len(neighbors))
	}
	var classes []class
	for _, c := range byColor {
		classes = append(classes, c...)
	}
	return classes
}

// freeColor returns the first color that no neighbor with a number below site has.
func freeColor(color []int, neighbors []int32, site int32) int {
	var taken uint
	for _, n := range neighbors {
		if n < site {
			taken |= 1 << color[n]
		}
	}
	free := 0
	for taken>>free&1 == 1 {
		free++
	}
	return free
}

// insert adds a site to the class of its degree, keeping the classes in order of degree.
func insert(classes *[]class, site int32, degree int) {
	at := 0
	for at < len(*classes) && (*classes)[at].degree < degree {
		at++
	}
	if at == len(*classes) || (*classes)[at].degree != degree {
		*classes = append(*classes, class{})
		copy((*classes)[at+1:], (*classes)[at:])
		(*classes)[at] = class{degree: degree}
	}
	(*classes)[at].sites = append((*classes)[at].sites, site)
}

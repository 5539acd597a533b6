package ising

// SquaredDistance returns the squared distance between two sites, to the nearest image where the lattice is periodic, in
// units of the distance between neighbors. On the triangular lattice, whose bonds are (1,0), (0,1) and (1,1), it is
// x² + y² − xy.
func (l *Lattice) SquaredDistance(a, b int) int {
	shortest := 0
	for axis, stride := 0, 1; axis < l.dimension; axis, stride = axis+1, stride*l.size {
		d := (b/stride%l.size - a/stride%l.size + l.size) % l.size
		if l.boundary == Open {
			d = b/stride%l.size - a/stride%l.size
		} else if 2*d > l.size {
			d -= l.size
		}
		shortest += d * d
	}
	if l.kind == Triangular {
		shortest = l.triangularDistance(a, b)
	}
	return shortest
}

// triangularDistance tries every image, since axes are not perpendicular.
func (l *Lattice) triangularDistance(a, b int) int {
	dx, dy := b%l.size-a%l.size, b/l.size-a/l.size
	if l.boundary == Open {
		return dx*dx + dy*dy - dx*dy
	}
	shortest := -1
	for _, x := range []int{dx - l.size, dx, dx + l.size} {
		for _, y := range []int{dy - l.size, dy, dy + l.size} {
			if d := x*x + y*y - x*y; shortest < 0 || d < shortest {
				shortest = d
			}
		}
	}
	return shortest
}

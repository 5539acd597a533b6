package multispin

// drawBonds draws bonds between spins, a group at a time: drawn becomes the satisfied bonds less those that the odds drop.
func drawBonds(drawn, spins []Lanes, ends [][2]int32, o *Odds, agree uint64, state *State) {
	var g group
	for len(drawn) > 0 {
		g.size = min(groupSize, len(drawn))
		for j := range g.size {
			a, b := &spins[ends[j][0]], &spins[ends[j][1]]
			for l, w := range a {
				satisfied := w ^ b[l] ^ agree
				g.flips[j][l], g.open[j][l] = satisfied, satisfied
			}
		}
		g.decide(o, state)
		copy(drawn, g.flips[:g.size])
		drawn, ends = drawn[g.size:], ends[g.size:]
	}
}

package runfile

import (
	"slices"
	"strings"
)

// nearest returns the candidate that a misspelled name was meant to be, or ""
// if none is close.
func nearest(name string, candidates []string) string {
	folded := fold(name)
	for _, c := range candidates {
		if fold(c) == folded {
			return c
		}
	}
	best, closest := "", max(1, (len(folded)+1)/3)+1
	for _, c := range candidates {
		if d := distance(folded, fold(c)); d < closest {
			best, closest = c, d
		}
	}
	if best == "" && len(folded) >= 3 {
		return abbreviated(folded, candidates)
	}
	return best
}

// fold removes the differences that are never meant: capitals, and which sign
// joins words.
func fold(name string) string {
	return strings.NewReplacer("-", "_", " ", "_").Replace(strings.ToLower(name))
}

// abbreviated returns the one candidate that begins with the name.
func abbreviated(name string, candidates []string) string {
	starts := func(c string) bool { return strings.HasPrefix(fold(c), name) }
	i := slices.IndexFunc(candidates, starts)
	if i < 0 || slices.ContainsFunc(candidates[i+1:], starts) {
		return ""
	}
	return candidates[i]
}

// longestCompared bounds the work for names that nobody mistyped.
const longestCompared = 64

// distance is the number of insertions, deletions, replacements and swaps of
// neighbors between two texts (optimal string alignment, in bytes).
func distance(a, b string) int {
	if len(a) > longestCompared || len(b) > longestCompared {
		return max(len(a), len(b))
	}
	var rows [3][longestCompared + 1]int
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		now, last, older := &rows[i%3], &rows[(i+2)%3], &rows[(i+1)%3]
		now[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			now[j] = min(now[j-1]+1, last[j]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				now[j] = min(now[j], older[j-2]+1)
			}
		}
	}
	return rows[len(a)%3][len(b)]
}

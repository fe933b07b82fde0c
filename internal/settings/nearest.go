package settings

import "strings"

// nearest is the candidate with the fewest edits to name. A candidate that ends in the same last part counts as near,
// so that a key without its table finds it. Empty without candidates; the first of equals wins.
func nearest(name string, candidates []string) string {
	best, least := "", -1
	for _, c := range candidates {
		d := edits(name, c)
		if lastPart(name) == lastPart(c) {
			d = min(d, 2)
		}
		if least < 0 || d < least {
			best, least = c, d
		}
	}
	return best
}

func lastPart(key string) string { return key[strings.LastIndexByte(key, '.')+1:] }

// edits is the Levenshtein distance in bytes. Long names are cut: they are far from everything anyway.
func edits(a, b string) int {
	const longest = 200
	a, b = a[:min(len(a), longest)], b[:min(len(b), longest)]
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}

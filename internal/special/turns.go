package special

import (
	"net/url"
	"slices"
)

// listing is one page of a list that is read newest first, or, towards newer rows, oldest first. It continues behind a row and not
// at a number, so that what is added meanwhile moves nothing.
type listing struct {
	newer  bool // towards newer rows, from the position
	placed bool // a position was given
}

// cut takes at most limit of the rows that were read, of which one more tells that there are more, and gives them newest first.
func cut[T any](l listing, rows []T, limit int) (page []T, more bool) {
	if more = len(rows) > limit; more {
		rows = rows[:limit]
	}
	if l.newer {
		slices.Reverse(rows)
	}
	return rows, more
}

// turns gives the addresses of the neighbouring pages, empty at the ends; link gives the address behind a row, in a direction.
func turns[T any](l listing, rows []T, more bool, link func(at T, dir string) string) (newer, older string) {
	if len(rows) == 0 {
		return "", ""
	}
	if l.newer && more || !l.newer && l.placed {
		newer = link(rows[0], "prev")
	}
	if !l.newer && more || l.newer {
		older = link(rows[len(rows)-1], "")
	}
	return newer, older
}

// filled are the parameters that have a value.
func filled(params map[string]string) url.Values {
	out := url.Values{}
	for name, value := range params {
		if value != "" {
			out.Set(name, value)
		}
	}
	return out
}

package i18n

import (
	"math"
	"testing"

	cldr "golang.org/x/text/feature/plural"
	bcp47 "golang.org/x/text/language"
)

// The rules are those of CLDR, as golang.org/x/text has them.
func TestPluralsAreThoseOfCLDR(t *testing.T) {
	forms := map[cldr.Form]Category{
		cldr.Zero: Zero, cldr.One: One, cldr.Two: Two, cldr.Few: Few, cldr.Many: Many, cldr.Other: Other,
	}
	for _, row := range known() {
		if row.code == qqx {
			continue
		}
		tag := bcp47.MustParse(row.code)
		met := map[Category]bool{}
		for n := range 10_001 {
			got := row.plural.categories[row.plural.of(int64(n))]
			met[got] = true
			if want := forms[cldr.Cardinal.MatchPlural(tag, n, 0, 0, 0, 0)]; got != want {
				t.Fatalf("%s: %d is %s, want %s", row.code, n, got, want)
			}
			if row.plural.of(-int64(n)) != row.plural.of(int64(n)) {
				t.Fatalf("%s: %d is counted otherwise than -%d", row.code, n, n)
			}
		}
		if len(met) != len(row.plural.categories) {
			t.Errorf("%s has the forms %v; numbers meet %v", row.code, row.plural.categories, met)
		}
		for _, n := range []int64{math.MinInt64, math.MaxInt64} {
			if i := row.plural.of(n); i < 0 || i >= len(row.plural.categories) {
				t.Errorf("%s: %d has form %d", row.code, n, i)
			}
		}
	}
}

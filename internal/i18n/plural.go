package i18n

// Category is a class of numbers that a grammar tells apart, as CLDR names it.
type Category string

// The categories, in the order in which a text gives its forms.
const (
	Zero  Category = "zero"
	One   Category = "one"
	Two   Category = "two"
	Few   Category = "few"
	Many  Category = "many"
	Other Category = "other"
)

// grammar is how a grammar counts whole things. The rules are CLDR's for integers; the categories that only fractions and
// shortened millions ("2 M") meet are left out, because texts count neither.
type grammar struct {
	categories []Category
	// index tells which of the categories n, which is not negative, belongs to.
	index func(n uint64) int
}

func (g grammar) of(n int64) int {
	if n < 0 {
		return g.index(-uint64(n))
	}
	return g.index(uint64(n))
}

func oneForm() grammar {
	return grammar{[]Category{Other}, func(uint64) int { return 0 }}
}

// oneOther has one form for 1 and another for everything else.
func oneOther() grammar {
	return grammar{[]Category{One, Other}, func(n uint64) int {
		if n == 1 {
			return 0
		}
		return 1
	}}
}

// upToOne counts 0 as it counts 1.
func upToOne() grammar {
	return grammar{[]Category{One, Other}, func(n uint64) int {
		if n <= 1 {
			return 0
		}
		return 1
	}}
}

func russian() grammar {
	return grammar{[]Category{One, Few, Many}, func(n uint64) int {
		last, teen := n%10, n%100/10 == 1
		switch {
		case teen:
			return 2
		case last == 1:
			return 0
		case 2 <= last && last <= 4:
			return 1
		}
		return 2
	}}
}

func arabic() grammar {
	return grammar{[]Category{Zero, One, Two, Few, Many, Other}, func(n uint64) int {
		rest := n % 100
		switch {
		case n <= 2:
			return int(n)
		case 3 <= rest && rest <= 10:
			return 3
		case 11 <= rest:
			return 4
		}
		return 5
	}}
}

package special

import (
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

func stylesheet(t *testing.T, name string) string {
	t.Helper()
	css, err := os.ReadFile("static/" + name)
	check(t, err)
	return cssComment.ReplaceAllString(string(css), "")
}

var (
	cssRule     = regexp.MustCompile(`([\w-]+)\s*:\s*([^;{}]+)[;}]`)
	physical    = regexp.MustCompile(`(^|-)(left|right)(-|$)`)
	fourLengths = regexp.MustCompile(`^(\S+) (\S+) (\S+) (\S+)$`)
	cssText     = regexp.MustCompile(`"[^"]*"`)
)

// Right-to-left pages are the mirror of the others: nothing in a stylesheet knows left from right.
func TestStylesKnowNoLeftAndRight(t *testing.T) {
	for _, name := range []string{"style.css", "tables.css", "sandbox.css"} {
		for _, m := range cssRule.FindAllStringSubmatch(stylesheet(t, name), -1) {
			property, value := m[1], strings.TrimSpace(m[2])
			sides := regexp.MustCompile(`^(margin|padding|inset|border-width|border-color|border-style|border-radius|scroll-.*)$`).MatchString(property)
			four := fourLengths.FindStringSubmatch(value)
			switch {
			case physical.MatchString(property), regexp.MustCompile(`\b(left|right)\b`).MatchString(value):
				t.Errorf("%s: %s", name, m[0])
			case sides && four != nil && four[2] != four[4] && property != "border-width":
				t.Errorf("%s: %s is not the same in the mirror", name, m[0])
			}
		}
	}
}

// What makes the stylesheet smaller must not meet texts that it would change.
func TestStyleHasNoTextsThatShrink(t *testing.T) {
	css := stylesheet(t, inlineFile)
	for _, text := range cssText.FindAllString(css, -1) {
		if strings.ContainsAny(text, "{};,:") || strings.Contains(text, "  ") {
			t.Errorf("%s would not stay as it is", text)
		}
	}
	small := smaller(css)
	if strings.Count(small, "{") != strings.Count(css, "{") || strings.Contains(small, "</") || strings.Contains(small, "/*") {
		t.Errorf("it became %s", small)
	}
	t.Logf("%d bytes of %d", len(small), len(css))
}

// colours are the custom properties of the light page, and of the dark one.
func colours(t *testing.T) (light, dark map[string]string) {
	t.Helper()
	css := stylesheet(t, inlineFile)
	read := func(block string) map[string]string {
		out := map[string]string{}
		for _, m := range regexp.MustCompile(`--([\w-]+): (#[0-9a-f]+);`).FindAllStringSubmatch(block, -1) {
			out[m[1]] = m[2]
		}
		return out
	}
	blocks := regexp.MustCompile(`(?s):root \{(.*?)\}`).FindAllStringSubmatch(css, -1)
	if len(blocks) != 2 {
		t.Fatalf("there are %d blocks of colours", len(blocks))
	}
	return read(blocks[0][1]), read(blocks[1][1])
}

func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	hex := strings.TrimPrefix(colour, "#")
	if len(hex) == 3 {
		hex = string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
	}
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(hex[2*i:2*i+2], 16, 8)
		check(t, err)
		c := float64(n) / 255
		if c <= 0.04045 {
			sum += weight * c / 12.92
		} else {
			sum += weight * math.Pow((c+0.055)/1.055, 2.4)
		}
	}
	return sum
}

// Text stands out from what it is on seven to one, and what can be operated three to one, by day and by night.
func TestContrast(t *testing.T) {
	light, dark := colours(t)
	for scheme, of := range map[string]map[string]string{"light": light, "dark": dark} {
		for _, c := range []struct {
			front, back string
			least       float64
		}{
			{"text", "ground", 7}, {"text", "raised", 7}, {"second", "ground", 7}, {"second", "raised", 7},
			{"accent", "ground", 7}, {"accent", "raised", 7}, {"accent-strong", "ground", 7}, {"accent-strong", "raised", 7},
			{"on-accent", "accent", 7}, {"on-accent", "accent-strong", 7},
			{"bad", "ground", 7}, {"bad", "bad-ground", 7}, {"bad", "raised", 7},
			{"control", "ground", 3}, {"control", "raised", 3}, {"accent", "ground", 3},
		} {
			a, b := luminance(t, of[c.front]), luminance(t, of[c.back])
			if got := (math.Max(a, b) + 0.05) / (math.Min(a, b) + 0.05); got < c.least {
				t.Errorf("%s: %s on %s is %.2f to one, less than %v", scheme, c.front, c.back, got, c.least)
			}
		}
	}
}

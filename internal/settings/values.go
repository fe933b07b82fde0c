package settings

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Duration is a length of time, written as "90s", "5m", "24h", "1h30m" or "7d".
type Duration time.Duration

const day = 24 * time.Hour

// ParseDuration reads a length of time. It may be zero but not negative.
func ParseDuration(text string) (Duration, error) {
	bad := fmt.Errorf("not a length of time; write one such as 90s, 5m, 24h or 7d")
	var days time.Duration
	rest := text
	if number, after, found := strings.Cut(text, "d"); found {
		n, err := strconv.ParseUint(number, 10, 32)
		if err != nil || n > uint64(math.MaxInt64/day) {
			return 0, bad
		}
		days, rest = time.Duration(n)*day, after
	}
	if rest == "" && days == 0 && text != "0d" {
		return 0, bad
	}
	var d time.Duration
	if rest != "" {
		var err error
		if d, err = time.ParseDuration(rest); err != nil || d < 0 || strings.ContainsAny(rest[:1], "+-") {
			return 0, bad
		}
	}
	if days > math.MaxInt64-d {
		return 0, bad
	}
	return Duration(days + d), nil
}

// Duration is d as the standard library has it.
func (d Duration) Duration() time.Duration { return time.Duration(d) }

// UnmarshalText reads what ParseDuration reads.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := ParseDuration(string(text))
	if err == nil {
		*d = v
	}
	return err
}

// String writes d in the shortest form that UnmarshalText reads, hours being the largest unit.
func (d Duration) String() string {
	s := time.Duration(d).String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// Size is a number of bytes, written as "512B", "64KiB", "19MiB" or "1GiB".
type Size int64

// The units of a Size.
const (
	Byte Size = 1
	KiB       = 1024 * Byte
	MiB       = 1024 * KiB
	GiB       = 1024 * MiB
)

type sizeUnit struct {
	name string
	size Size
}

// sizeUnits are the units from large to small. "B" ends every other name and so comes last.
func sizeUnits() []sizeUnit {
	return []sizeUnit{{"GiB", GiB}, {"MiB", MiB}, {"KiB", KiB}, {"B", Byte}}
}

// UnmarshalText reads a whole number with its unit.
func (s *Size) UnmarshalText(text []byte) error {
	for _, u := range sizeUnits() {
		number, found := strings.CutSuffix(string(text), u.name)
		if !found {
			continue
		}
		n, err := strconv.ParseUint(number, 10, 63)
		if err != nil || n > uint64(math.MaxInt64/u.size) {
			break
		}
		*s = Size(n) * u.size
		return nil
	}
	return fmt.Errorf("not a size; write a whole number with its unit, such as 512B, 64KiB, 19MiB or 1GiB")
}

// String writes s with the largest unit that leaves a whole number.
func (s Size) String() string {
	for _, u := range sizeUnits() {
		if s != 0 && s%u.size == 0 {
			return strconv.FormatInt(int64(s/u.size), 10) + u.name
		}
	}
	return "0B"
}

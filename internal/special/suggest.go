package special

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"gatehouse/auth"
)

// How many names are offered in place of a taken one, and how many are looked up for it at the most.
const (
	maxSuggestions = 3
	maxLookUps     = 8
)

// suggest finds free names near one that is taken. It looks a few up and may come back with fewer than it wants.
func suggest(ctx context.Context, c Config, taken auth.Name) ([]string, error) {
	var free []string
	stem := strings.TrimRight(string(taken), "0123456789 ")
	if stem == "" {
		return nil, nil
	}
	for i := range maxLookUps {
		if len(free) == maxSuggestions {
			break
		}
		candidate := stem + " " + strconv.Itoa(2+i*i*(1+i))
		name, check, err := c.Manager.CheckName(ctx, candidate, false)
		if err != nil {
			return nil, fmt.Errorf("look for free names: %w", err)
		}
		if check.OK() {
			free = append(free, string(name))
		}
	}
	return free, nil
}

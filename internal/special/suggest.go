package special

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"gatehouse/auth"
)

// How many names are offered in place of a taken one, and how many are looked up for it.
const (
	maxSuggestions = 3
	maxLookUps     = 8
)

// suggest finds free names near one that is taken. It looks a few up and may come back with fewer than it wants.
func suggest(ctx context.Context, c Config, v *Visit, taken auth.Name) ([]string, error) {
	stem := strings.TrimRight(string(taken), "0123456789 ")
	if stem == "" {
		return nil, nil
	}
	candidates := make([]string, maxLookUps)
	for i := range candidates {
		candidates[i] = stem + " " + strconv.Itoa(2+i*i*(1+i))
	}
	verdicts, err := lookAhead(ctx, c, v, candidates...)
	var free []string
	for _, verdict := range verdicts {
		if verdict.Check.OK() && len(free) < maxSuggestions {
			free = append(free, string(verdict.Name))
		}
	}
	return free, err
}

// lookAhead asks whether names are free. It gives nothing to visitors who asked too often: a form does without the advice.
func lookAhead(ctx context.Context, c Config, v *Visit, names ...string) ([]auth.NameVerdict, error) {
	verdicts, err := c.Manager.LookAhead(ctx, v.Creator, names)
	var often *auth.TooOftenError
	if errors.As(err, &often) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for free names: %w", err)
	}
	return verdicts, nil
}

package auth

import (
	"context"
	"fmt"
)

func (r *creationRun) testCheaply(ctx context.Context) (*Response, error) {
	r.tested = true
	for _, p := range r.m.providers {
		if t, ok := p.(CheapCreationTester); ok {
			if check := t.CheckCreation(&r.creation); !check.OK() {
				return r.refuseCheaply(ctx, check)
			}
		}
	}
	return nil, nil
}

// refuseCheaply refuses for what a cheap test found, unless what somebody brought to be spent is not good either.
func (r *creationRun) refuseCheaply(ctx context.Context, check Check) (*Response, error) {
	for _, p := range r.m.testers {
		s, ok := p.(Spender)
		if !ok {
			continue
		}
		first, err := s.TestRefused(ctx, &r.creation)
		if err != nil {
			return nil, fmt.Errorf("test with %s: %w", p.ID(), err)
		}
		if !first.OK() {
			return refuse(first.Findings...), nil
		}
	}
	return refuse(check.Findings...), nil
}

func (r *creationRun) test(ctx context.Context) (*Response, error) {
	for _, p := range r.m.testers {
		t, ok := p.(CreationTester)
		if !ok {
			continue
		}
		check, err := t.TestForCreation(ctx, &r.creation)
		if err != nil {
			return nil, fmt.Errorf("test with %s: %w", p.ID(), err)
		}
		if !check.OK() {
			return refuse(check.Findings...), nil
		}
	}
	return nil, nil
}

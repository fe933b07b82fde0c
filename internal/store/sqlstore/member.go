package sqlstore

import (
	"context"
	"fmt"
	"slices"

	"gatehouse/auth"
)

// fewMembers is how many members of groups may be looked up one by one and sorted for a page of accounts.
const fewMembers = 2000

// members bounds the groups of the accounts a. Where few are in the groups that matter, those are looked up; where many
// are, a page is found soon by walking along the names.
func (s *Store) members(ctx context.Context, st *statement, q auth.AccountQuery) error {
	for _, groups := range candidates(q) {
		few, err := s.areFew(ctx, groups)
		if err != nil {
			return err
		}
		if few {
			st.add(` AND a.id IN (SELECT g.account FROM account_group g WHERE g.name IN (`)
			list(st, padded(groups))
			st.add(`))`)
			break
		}
	}
	if len(q.Groups) > 0 {
		st.add(` AND `)
		s.inGroup(st, q.Groups)
	}
	if len(q.NotGroups) > 0 {
		st.add(` AND NOT `)
		s.inGroup(st, q.NotGroups)
	}
	if len(q.Having) > 0 {
		st.add(` AND (FALSE`)
		for _, m := range q.Having {
			s.membership(st, m)
		}
		st.add(`)`)
	}
	return nil
}

// candidates are sets of groups: who is selected is in one group of each set.
func candidates(q auth.AccountQuery) [][]string {
	var sets [][]string
	if len(q.Groups) > 0 {
		sets = append(sets, q.Groups)
	}
	var having []string
	for _, m := range q.Having {
		if len(m.In) == 0 {
			return sets
		}
		having = append(having, m.In...)
	}
	if len(having) > 0 {
		slices.Sort(having)
		sets = append(sets, slices.Compact(having))
	}
	return sets
}

// areFew reports whether groups have few members together.
func (s *Store) areFew(ctx context.Context, groups []string) (bool, error) {
	st := new(statement).add(`SELECT count(*) FROM (SELECT 1 FROM account_group g WHERE g.name IN (`)
	list(st, padded(groups))
	st.add(`) LIMIT `).addArg(int64(fewMembers + 1)).add(`) AS few`)
	var n int
	err := s.engine.Reader().QueryRowContext(ctx, st.String(), st.args...).Scan(&n)
	return n <= fewMembers, err
}

// membership adds one alternative.
func (s *Store) membership(st *statement, m auth.Membership) {
	st.add(` OR (TRUE`)
	if len(m.In) > 0 {
		st.add(` AND `)
		s.inGroup(st, m.In)
	}
	if len(m.NotIn) > 0 {
		st.add(` AND NOT `)
		s.inGroup(st, m.NotIn)
	}
	st.add(`)`)
}

func (s *Store) inGroup(st *statement, groups []string) {
	st.add(`EXISTS (SELECT 1 FROM account_group g WHERE g.account = a.id AND g.name IN (`)
	list(st, padded(groups))
	s.lasting(st.add(`)`)).add(`)`)
}

// lasting leaves out the memberships g that have ended.
func (s *Store) lasting(st *statement) *statement {
	st.add(` AND (g.ends = 0 OR g.ends > `)
	return st.add(s.now(st), `)`)
}

// maxGroupSize is how far GroupSize counts.
const maxGroupSize = 100_000

// GroupSize counts who was put into the group. Of a very large one it gives how far it counted, and exact is false.
func (s *Store) GroupSize(ctx context.Context, group string) (n int64, exact bool, err error) {
	st := new(statement).add(`SELECT count(*) FROM (SELECT 1 FROM account_group g WHERE g.name = `).addArg(group)
	s.lasting(st).add(` LIMIT `).addArg(int64(maxGroupSize)).add(`) AS few`)
	if err := s.engine.Reader().QueryRowContext(ctx, st.String(), st.args...).Scan(&n); err != nil {
		return 0, false, fmt.Errorf("count members: %w", err)
	}
	return n, n < maxGroupSize, nil
}

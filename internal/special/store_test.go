package special

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"gatehouse/auth"
)

// memoryStore keeps what the pages, the Manager and the sessions need, in maps.
type memoryStore struct {
	mu       sync.Mutex
	accounts []auth.Account
	log      []auth.LogEntry
	flows    map[auth.FlowID]auth.Flow
	sessions map[auth.SessionID]auth.SessionRow
	keys     []auth.KeyRow
	blocks   []auth.Block
	passes   []auth.EventPass
	broken   error // answered by every read of accounts and log
	// overtaken: credentials change right before a session starts.
	overtaken bool
	now       func() time.Time
}

func newMemoryStore(now func() time.Time) *memoryStore {
	return &memoryStore{
		flows: map[auth.FlowID]auth.Flow{}, sessions: map[auth.SessionID]auth.SessionRow{}, now: now,
	}
}

func (s *memoryStore) find(match func(auth.Account) bool) (auth.Account, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken != nil {
		return auth.Account{}, s.broken
	}
	if i := slices.IndexFunc(s.accounts, match); i >= 0 {
		return s.accounts[i], nil
	}
	return auth.Account{}, auth.ErrNotFound
}

func (s *memoryStore) AccountByName(_ context.Context, n auth.Name) (auth.Account, error) {
	return s.find(func(a auth.Account) bool { return a.Name == n })
}

func (s *memoryStore) SetLanguage(_ context.Context, id auth.AccountID, code string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.accounts {
		if s.accounts[i].ID == id {
			s.accounts[i].Language = code
		}
	}
	return s.broken
}

func (s *memoryStore) AccountsByName(ctx context.Context, names []auth.Name) ([]auth.Account, error) {
	var found []auth.Account
	for _, n := range names {
		switch a, err := s.AccountByName(ctx, n); {
		case err == nil:
			found = append(found, a)
		case !errors.Is(err, auth.ErrNotFound):
			return nil, err
		}
	}
	return found, nil
}

func (s *memoryStore) AccountByID(_ context.Context, id auth.AccountID) (auth.Account, error) {
	return s.find(func(a auth.Account) bool { return a.ID == id })
}

func (s *memoryStore) CreateAccount(_ context.Context, d auth.Draft) (auth.Account, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if slices.ContainsFunc(s.accounts, func(a auth.Account) bool { return a.Name == d.Account.Name }) {
		return auth.Account{}, auth.ErrNameTaken
	}
	a, e := d.Account, d.Log
	a.ID, a.Registered = auth.AccountID(len(s.accounts)+1), s.now()
	e.ID, e.TargetID, e.Time = int64(len(s.log)+1), a.ID, s.now()
	if e.Action == auth.LogCreate {
		e.PerformerID = a.ID
	}
	s.accounts, s.log = append(s.accounts, a), append(s.log, e)
	return a, nil
}

func (s *memoryStore) BlocksOn(context.Context, auth.Creator) ([]auth.Block, error) {
	return s.blocks, nil
}

// LogEntries knows what the pages ask for: type, target, prefix, performer, place and direction.
func (s *memoryStore) LogEntries(_ context.Context, q auth.LogQuery) ([]auth.LogEntry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []auth.LogEntry
	for _, e := range s.log {
		behind := q.After.ID == 0 || q.OldestFirst && e.ID > q.After.ID || !q.OldestFirst && e.ID < q.After.ID
		if behind && (q.Type == "" || q.Type == e.Type) && (q.Target == "" || q.Target == e.Target) && (q.Performer == "" || q.Performer == e.Performer) &&
			strings.HasPrefix(string(e.Target), q.TargetPrefix) {
			out = append(out, e)
		}
	}
	if !q.OldestFirst {
		slices.Reverse(out)
	}
	return out[:min(q.Limit, len(out))], s.broken
}

func (s *memoryStore) PutFlow(_ context.Context, f auth.Flow) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flows[f.ID] = f
	return nil
}

func (s *memoryStore) ClaimFlow(ctx context.Context, id auth.FlowID) (auth.Flow, error) {
	f, err := s.PeekFlow(ctx, id)
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.flows, id)
	return f, err
}

func (s *memoryStore) PeekFlow(_ context.Context, id auth.FlowID) (auth.Flow, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, ok := s.flows[id]
	if !ok {
		return f, auth.ErrNotFound
	}
	return f, nil
}

func (s *memoryStore) EndFlow(_ context.Context, id auth.FlowID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.flows, id)
	return nil
}

func (s *memoryStore) Session(ctx context.Context, id auth.SessionID) (auth.SessionRow, auth.Account, error) {
	s.mu.Lock()
	row, ok := s.sessions[id]
	s.mu.Unlock()
	if !ok {
		return row, auth.Account{}, auth.ErrNotFound
	}
	a, err := s.AccountByID(ctx, row.Account)
	return row, a, err
}

func (s *memoryStore) RememberedSession(
	ctx context.Context, remember auth.SessionID,
) (auth.SessionRow, auth.Account, error) {
	s.mu.Lock()
	var found auth.SessionID
	for id, row := range s.sessions {
		if row.Remember == remember {
			found = id
		}
	}
	s.mu.Unlock()
	return s.Session(ctx, found)
}

func (s *memoryStore) StartSession(_ context.Context, row auth.SessionRow, replaces auth.SessionID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.overtaken {
		return auth.ErrChanged
	}
	delete(s.sessions, replaces)
	s.sessions[row.ID] = row
	return nil
}

func (s *memoryStore) RenewSession(_ context.Context, id auth.SessionID, expires time.Time) error {
	return nil
}

func (s *memoryStore) EndSession(_ context.Context, id auth.SessionID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sessions, id)
	return nil
}

func (s *memoryStore) SessionsOf(context.Context, auth.AccountID) ([]auth.SessionRow, error) {
	return nil, nil
}
func (s *memoryStore) EndSessionsOf(context.Context, auth.AccountID) error { return nil }

func (s *memoryStore) Keys(context.Context) ([]auth.KeyRow, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.keys), nil
}

func (s *memoryStore) AddKey(_ context.Context, row auth.KeyRow) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if slices.ContainsFunc(s.keys, func(k auth.KeyRow) bool { return k.ID == row.ID }) {
		return false, nil
	}
	s.keys = append(s.keys, row)
	return true, nil
}

func (s *memoryStore) AddPass(_ context.Context, p auth.EventPass) (auth.EventPass, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p.ID = auth.PassID(len(s.passes) + 1)
	s.passes = append(s.passes, p)
	return p, nil
}

func (s *memoryStore) Passes(context.Context) ([]auth.EventPass, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.passes), nil
}

func (s *memoryStore) RevokePass(_ context.Context, id auth.PassID) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.passes {
		if s.passes[i].ID == id && s.passes[i].Revoked.IsZero() {
			s.passes[i].Revoked = s.now()
			return true, nil
		}
	}
	return false, nil
}

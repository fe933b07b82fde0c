// Package sqlstore keeps everything gatehouse remembers in an SQL database: accounts, credentials, the log, the outbox,
// counters, flows, sessions, keys and blocks.
//
// It holds the SQL, one text for both engines wherever they agree. It is not an engine: sqlite and postgres open the
// database and bring an Engine, which knows how to commit. It decides no policy: what is stored comes from auth and its
// neighbours, in auth's types.
//
// Every method may be called by any number of goroutines. A write that has begun is not cut short by the end of its
// context.
package sqlstore

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"gatehouse/auth"
)

// Options says how a store is opened.
type Options struct {
	// Migrate makes a missing store and brings an older schema up to date.
	Migrate bool
	// Clock replaces the database's clock, for tests and the test server. Nil = the database's clock, which all instances
	// share.
	Clock func() time.Time
}

// Store is an open store.
type Store struct{}

// QueuedItem is an effect that waits in the outbox.
type QueuedItem struct {
	ID int64
	auth.OutboxItem
	Queued time.Time
}

// GroupChange puts an account into groups and takes it out of others.
type GroupChange struct {
	Account     auth.AccountID
	Add, Remove []string
}

// BlockTarget is what a block is put on: an account, or else a range (a single address is a full-length prefix).
type BlockTarget struct {
	Account auth.AccountID
	Range   netip.Prefix
}

var errUnfinished = errors.New("the store is not built yet")

// AccountByName gives the account with this canonical name, or auth.ErrNotFound.
func (s *Store) AccountByName(ctx context.Context, name auth.Name) (auth.Account, error) {
	return auth.Account{}, errUnfinished
}

// AccountByID gives the account, or auth.ErrNotFound.
func (s *Store) AccountByID(ctx context.Context, id auth.AccountID) (auth.Account, error) {
	return auth.Account{}, errUnfinished
}

// AccountsByName gives the accounts among names that exist, in no particular order.
func (s *Store) AccountsByName(ctx context.Context, names []auth.Name) ([]auth.Account, error) {
	return nil, errUnfinished
}

// AccountsByID gives the accounts among ids that exist, in no particular order.
func (s *Store) AccountsByID(ctx context.Context, ids []auth.AccountID) ([]auth.Account, error) {
	return nil, errUnfinished
}

// Accounts gives the accounts that q selects, in the order of their names' bytes.
func (s *Store) Accounts(ctx context.Context, q auth.AccountQuery) ([]auth.Account, error) {
	return nil, errUnfinished
}

// CreateAccount commits d whole or not at all. Its errors are auth.ErrNameTaken, *auth.LimitError, or a fault.
func (s *Store) CreateAccount(ctx context.Context, d auth.Draft) (auth.Account, error) {
	return auth.Account{}, errUnfinished
}

// SetGroups changes the groups of an account and gives the account as it is then, or auth.ErrNotFound.
func (s *Store) SetGroups(ctx context.Context, c GroupChange) (auth.Account, error) {
	return auth.Account{}, errUnfinished
}

// Credential gives the stored form of one credential, or auth.ErrNotFound.
func (s *Store) Credential(ctx context.Context, id auth.AccountID, kind auth.CredentialKind) (string, error) {
	return "", errUnfinished
}

// ReplaceCredential puts new in the place of old. auth.ErrNotFound: the credential is no longer old.
func (s *Store) ReplaceCredential(ctx context.Context, id auth.AccountID, kind auth.CredentialKind, old, new string) error {
	return errUnfinished
}

// LogEntries gives the entries that q selects.
func (s *Store) LogEntries(ctx context.Context, q auth.LogQuery) ([]auth.LogEntry, error) {
	return nil, errUnfinished
}

// WriteLog writes one entry and gives it with its id. A zero time is now.
func (s *Store) WriteLog(ctx context.Context, e auth.LogEntry) (auth.LogEntry, error) {
	return auth.LogEntry{}, errUnfinished
}

// Outbox gives the oldest limit effects that wait behind the one with id after.
func (s *Store) Outbox(ctx context.Context, after int64, limit int) ([]QueuedItem, error) {
	return nil, errUnfinished
}

// BlocksOn gives the blocks that hit c now, its account's before its address's, oldest first.
func (s *Store) BlocksOn(ctx context.Context, c auth.Creator) ([]auth.Block, error) {
	return nil, errUnfinished
}

// AddBlock stores b and gives it with its id and, where Created is zero, the time. Its account must exist.
func (s *Store) AddBlock(ctx context.Context, b auth.Block) (auth.Block, error) {
	return auth.Block{}, errUnfinished
}

// RemoveBlocks removes all blocks on exactly this target and gives them; none is fine.
func (s *Store) RemoveBlocks(ctx context.Context, t BlockTarget) ([]auth.Block, error) {
	return nil, errUnfinished
}

// ListBlocks gives the oldest limit blocks that hold now, behind the one with id after.
func (s *Store) ListBlocks(ctx context.Context, after int64, limit int) ([]auth.Block, error) {
	return nil, errUnfinished
}

// PutFlow stores f unclaimed, in place of any flow of the same id, or auth.ErrTooManyFlows.
func (s *Store) PutFlow(ctx context.Context, f auth.Flow) error { return errUnfinished }

// ClaimFlow takes the flow for one submission, or auth.ErrNotFound.
func (s *Store) ClaimFlow(ctx context.Context, id auth.FlowID) (auth.Flow, error) {
	return auth.Flow{}, errUnfinished
}

// PeekFlow reads an unclaimed flow without taking it, or auth.ErrNotFound.
func (s *Store) PeekFlow(ctx context.Context, id auth.FlowID) (auth.Flow, error) {
	return auth.Flow{}, errUnfinished
}

// EndFlow removes the flow; none is fine.
func (s *Store) EndFlow(ctx context.Context, id auth.FlowID) error { return errUnfinished }

// Rise raises all counters by one, or none: then a *auth.LimitError tells which was full, the one with the longest wait.
func (s *Store) Rise(ctx context.Context, counters []auth.Counter) error { return errUnfinished }

// Read tells where the counters stand, in their order. It writes nothing.
func (s *Store) Read(ctx context.Context, counters []auth.Counter) ([]auth.CounterState, error) {
	return nil, errUnfinished
}

// Clear forgets what was counted under keys.
func (s *Store) Clear(ctx context.Context, keys []string) error { return errUnfinished }

// Purge removes expired flows, sessions, counters and blocks. One instance doing it now and then is enough; several do no
// harm.
func (s *Store) Purge(ctx context.Context) error { return errUnfinished }

// Writes counts the write transactions committed by this Store since it was opened.
func (s *Store) Writes() uint64 { return 0 }

// SchemaVersion is the number of the last migration the database has.
func (s *Store) SchemaVersion(ctx context.Context) (int64, error) { return 0, errUnfinished }

// Ping reports whether the database can be reached.
func (s *Store) Ping(ctx context.Context) error { return errUnfinished }

// Close ends the store after the writes that have begun.
func (s *Store) Close() error { return nil }

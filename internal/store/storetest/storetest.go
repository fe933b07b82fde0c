// Package storetest is the suite that every store passes: what it keeps, what it refuses, and what holds when many do it at
// once. An engine's test calls Run in a few lines.
//
// It speaks to stores through their methods alone and knows no SQL. What only one engine can do wrong (lost connections,
// other processes, pragmas) is tested beside that engine.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/store/sqlstore"
)

// Store is everything that a store does for its neighbours.
type Store interface {
	auth.AccountStore
	auth.ChangeStore
	auth.FlowStore
	auth.IdentityStore
	auth.HandoverStore

	AccountsByName(ctx context.Context, names []auth.Name) ([]auth.Account, error)
	AccountsByID(ctx context.Context, ids []auth.AccountID) ([]auth.Account, error)
	SetLanguage(ctx context.Context, id auth.AccountID, code string) error
	AccountsByEmail(ctx context.Context, address string, limit int) ([]auth.Account, error)
	Accounts(ctx context.Context, q auth.AccountQuery) ([]auth.Account, error)
	AccountCount(ctx context.Context) (int64, error)
	GroupSize(ctx context.Context, group string) (n int64, exact bool, err error)
	SetGroups(ctx context.Context, c sqlstore.GroupChange) (auth.Account, error)

	Credential(ctx context.Context, id auth.AccountID, kind auth.CredentialKind) (string, error)
	Credentials(ctx context.Context, id auth.AccountID) ([]auth.Credential, error)
	CredentialKinds(ctx context.Context, id auth.AccountID) ([]auth.CredentialKind, error)
	ReplaceCredential(ctx context.Context, id auth.AccountID, kind auth.CredentialKind, old, new string) error

	LogEntries(ctx context.Context, q auth.LogQuery) ([]auth.LogEntry, error)
	WriteLog(ctx context.Context, e auth.LogEntry) (auth.LogEntry, error)

	Mails(ctx context.Context, q auth.MailQuery) ([]auth.MailRow, error)
	Mail(ctx context.Context, id int64) (auth.MailRow, error)
	MailCount(ctx context.Context) (auth.MailCount, error)
	MailDue(ctx context.Context) (bool, error)
	ClaimMail(ctx context.Context, l auth.MailLease, limit int) ([]auth.MailRow, error)
	FinishMail(ctx context.Context, o auth.MailOutcome) (bool, error)
	QueueMail(ctx context.Context, items []auth.OutboxItem, counters []auth.Counter) error
	RequeueMail(ctx context.Context, id int64) (auth.MailRow, bool, error)

	auth.ModerationStore
	AddBlock(ctx context.Context, b auth.Block) (auth.Block, error)
	RemoveBlocks(ctx context.Context, t sqlstore.BlockTarget) ([]auth.Block, error)
	BlocksOnAccounts(ctx context.Context, ids []auth.AccountID) ([]auth.Block, error)
	ListBlocks(ctx context.Context, q auth.BlockQuery) ([]auth.Block, error)

	AddPass(ctx context.Context, p auth.EventPass) (auth.EventPass, error)
	PassByDigest(ctx context.Context, digest string) (auth.EventPass, error)
	Passes(ctx context.Context) ([]auth.EventPass, error)
	AnyPassOpen(ctx context.Context) (bool, error)
	RevokePass(ctx context.Context, id auth.PassID) (bool, error)

	Rise(ctx context.Context, counters []auth.Counter) error
	Read(ctx context.Context, counters []auth.Counter) ([]auth.CounterState, error)
	Clear(ctx context.Context, keys []string) error

	ReleaseMark(ctx context.Context, mark string) error
	SpendMark(ctx context.Context, mark string, expires time.Time) (bool, error)

	Session(ctx context.Context, id auth.SessionID) (auth.SessionRow, auth.Account, error)
	RememberedSession(ctx context.Context, remember auth.SessionID) (auth.SessionRow, auth.Account, error)
	StartSession(ctx context.Context, row auth.SessionRow, replaces auth.SessionID) error
	RenewSession(ctx context.Context, id auth.SessionID, expires time.Time) error
	EndSession(ctx context.Context, id auth.SessionID) error
	EndSessionsOf(ctx context.Context, account auth.AccountID) error
	SessionsOf(ctx context.Context, account auth.AccountID) ([]auth.SessionRow, error)

	Keys(ctx context.Context) ([]auth.KeyRow, error)
	AddKey(ctx context.Context, row auth.KeyRow) (bool, error)

	AddFunnel(ctx context.Context, sums []auth.FunnelSum) error
	Funnel(ctx context.Context, from time.Time) ([]auth.FunnelSum, error)
	FullCounters(ctx context.Context, q auth.FullQuery) ([]auth.CounterRow, error)
	LiftCounter(ctx context.Context, key string, e auth.LogEntry) (bool, error)
	MailStates(ctx context.Context) (map[auth.MailState]int64, error)

	Purge(ctx context.Context) error
	Writes() uint64
	SchemaVersion(ctx context.Context) (int64, error)
	Ping(ctx context.Context) error
	Close() error
}

// Open opens a new, empty store and closes it when the test ends.
type Open func(t testing.TB, o sqlstore.Options) Store

// Run runs the suite.
func Run(t *testing.T, open Open) {
	for name, test := range map[string]func(*testing.T, *fixture){
		"accounts":            testAccounts,
		"account lists":       testAccountLists,
		"strange texts":       testStrangeTexts,
		"creation":            testCreation,
		"creation by another": testCreationByAnother,
		"nothing by halves":   testNothingByHalves,
		"creation twice":      testCreationTwice,
		"creation of old":     testCreationOfOld,
		"name race":           testNameRace,
		"counter race":        testCounterRace,
		"cancelled creation":  testCancelledCreation,
		"change":              testChange,
		"language":            testLanguage,
		"change by halves":    testChangeByHalves,
		"change race":         testChangeRace,
		"stamp":               testStamp,
		"stamp race":          testStampRace,
		"accounts by email":   testAccountsByEmail,
		"reads while writing": testReadsWhileWriting,
		"credentials":         testCredentials,
		"groups":              testGroups,
		"members":             testMembers,
		"account count":       testAccountCount,
		"log":                 testLog,
		"log paging":          testLogPaging,
		"counters":            testCounters,
		"counters of a clock": testCountersOfAClockThatJumps,
		"mail of a clock":     testMailOfAClockThatJumps,
		"rise race":           testRiseRace,
		"database clock":      testDatabaseClock,
		"captcha marks":       testMarks,
		"mail of nobody":      testQueueMail,
		"captcha mark race":   testMarkRace,
		"full counters":       testFullCounters,
		"private logs":        testPrivateLogs,
		"mail by state":       testMailByState,
		"funnel":              testFunnel,
		"funnel race":         testFunnelRace,
		"mail":                testMail,
		"mail outcomes":       testMailOutcomes,
		"mail leases":         testMailLeases,
		"mail race":           testMailRace,
		"mail expires":        testMailExpires,
		"mail requeued":       testMailRequeued,
		"mail comes once":     testMailComesOnce,
		"identities":          testIdentities,
		"identity race":       testIdentityRace,
		"handovers":           testHandovers,
		"flows":               testFlows,
		"flow bounds":         testFlowBounds,
		"flow races":          testFlowRaces,
		"blocks":              testBlocks,
		"moderation":          testModeration,
		"followers":           testFollowers,
		"block at once":       testBlockAtOnce,
		"edit groups":         testEditGroups,
		"membership ends":     testMembershipEnds,
		"block ranges":        testBlockRanges,
		"block list":          testBlockList,
		"block paging":        testBlockPaging,
		"event passes":        testEventPasses,
		"sessions":            testSessions,
		"keys":                testKeys,
		"purge":               testPurge,
		"reads write nothing": testReadsWriteNothing,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fixture{T: t, now: time.Date(2031, 5, 6, 7, 8, 9, 123456000, time.UTC)}
			f.Store = open(t, sqlstore.Options{Migrate: true, Clock: f.clock})
			f.open = open
			test(t, f)
		})
	}
}

// fixture is a fresh store under a clock that the test moves.
type fixture struct {
	*testing.T
	Store
	open Open

	mu   sync.Mutex
	now  time.Time
	hold *hold
}

// hold stops the caller of the clock at its n-th call from now.
type hold struct {
	calls         int
	held, release chan struct{}
}

func (f *fixture) clock() time.Time {
	f.mu.Lock()
	now, h := f.now, f.hold
	if h != nil {
		if h.calls--; h.calls > 0 {
			h = nil
		} else {
			f.hold = nil
		}
	}
	f.mu.Unlock()
	if h != nil {
		close(h.held)
		<-h.release
	}
	return now
}

// holdClock makes call number n to the clock wait from when held is closed until the test closes release.
func (f *fixture) holdClock(n int) (held <-chan struct{}, release chan<- struct{}) {
	h := &hold{calls: n, held: make(chan struct{}), release: make(chan struct{})}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.hold = h
	return h.held, h.release
}

// pass lets time go by.
func (f *fixture) pass(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = f.now.Add(d)
}

// draft is a creation with everything in it.
func draft(name string) auth.Draft {
	return auth.Draft{
		Nonce:       "nonce of " + name,
		Account:     auth.Account{Name: auth.Name(name), RealName: "Real " + name, Email: "mail@example.org", Language: "de"},
		Credentials: []auth.Credential{{Kind: auth.CredentialPassword, Value: "hash of " + name}},
		Log:         auth.LogEntry{Type: auth.LogNewUsers, Action: auth.LogCreate, Performer: auth.Name(name), Target: auth.Name(name)},
		Outbox:      []auth.OutboxItem{mailTo(name)},
	}
}

// mailTo is the mail of draft(name); it is good for long.
func mailTo(name string) auth.OutboxItem {
	return auth.OutboxItem{
		MessageID: "mail of " + name, Kind: auth.MailConfirmEmail, Domain: "example.org", Sealed: []byte{0, 1, 255},
		Expires: time.Date(2099, 1, 2, 3, 4, 5, 0, time.UTC),
	}
}

// make creates an account from draft(name).
func (f *fixture) make(name string) auth.Account {
	f.Helper()
	a, err := f.CreateAccount(f.Context(), draft(name))
	if err != nil {
		f.Fatalf("create %s: %v", name, err)
	}
	return a
}

// try fails the test on an error of a step that is not what the test is about.
func (f *fixture) try(what string, err error) {
	f.Helper()
	if err != nil {
		f.Fatalf("%s: %v", what, err)
	}
}

// want compares by the printed form, which tells times, slices and structs apart well enough.
func (f *fixture) want(what string, got, want any) {
	f.Helper()
	if g, w := fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want); g != w {
		f.Errorf("%s:\n got %s\nwant %s", what, g, w)
	}
}

// refused wants the error to be target.
func (f *fixture) refused(what string, err, target error) {
	f.Helper()
	if !errors.Is(err, target) {
		f.Errorf("%s: got error %v, want %v", what, err, target)
	}
}

// together runs n calls at once and gives their errors.
func together(n int, call func(i int) error) []error {
	errs := make([]error, n)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			errs[i] = call(i)
		})
	}
	close(start)
	wg.Wait()
	return errs
}

// count tells how many errors are nil, how many are target, and gives one of the others.
func count(errs []error, target error) (good, refused int, other error) {
	for _, err := range errs {
		var limit *auth.LimitError
		switch {
		case err == nil:
			good++
		case target != nil && errors.Is(err, target), target == nil && errors.As(err, &limit):
			refused++
		default:
			other = err
		}
	}
	return good, refused, other
}

// names lists the names of accounts.
func names(as []auth.Account) []auth.Name {
	out := []auth.Name{}
	for _, a := range as {
		out = append(out, a.Name)
	}
	return out
}

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

package gatehouse

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/keyring"
	"gatehouse/internal/password"
	"gatehouse/internal/provider/userdata"
	"gatehouse/internal/store"
	"gatehouse/internal/store/sqlstore"
	"gatehouse/internal/username"
	"gatehouse/internal/usertext"
)

// operatorName is who the log and blocks name for what was done with the operator's tool. Nobody can have this name.
const operatorName auth.Name = "Maintenance script"

// Operator changes accounts, groups and blocks in the store, whether a server runs on it or not. It neither makes nor
// migrates a store. It is safe for concurrent use.
type Operator struct {
	store  *sqlstore.Store
	names  *username.Rules
	hasher *password.Hasher
	groups auth.GroupPolicy
	random io.Reader
	clock  func() time.Time
	cfg    Config
	// keys are nil until somebody needs them.
	mu   sync.Mutex
	keys *keyring.Keyring
}

// What an operator asked for and cannot have.
var (
	ErrNoSuchAccount = errors.New("there is no account of that name")
	ErrNameTaken     = errors.New("an account of that name exists")
	ErrBadName       = errors.New("no account can have that name")
	ErrBadEmail      = errors.New("that is not an e-mail address")
	ErrNoSuchGroup   = errors.New("there is no such group to be put in")
	ErrBadTarget     = errors.New("that range cannot be blocked")
)

// OpenOperator opens the store of cfg. A missing store, or one of another schema, is an error that names it and says to
// run migrate.
func OpenOperator(ctx context.Context, cfg Config) (*Operator, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	hasher, err := password.NewHasher(passwordSettings(cfg.Password), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("set up password hashing: %w", err)
	}
	st, err := store.Open(ctx, cfg.Store.URL.Reveal(), store.Options{})
	if err != nil {
		return nil, err
	}
	return &Operator{
		store: st, names: username.NewRules(username.Options{SiteName: cfg.Site.Name}), hasher: hasher,
		groups: cfg.GroupPolicy(), random: rand.Reader, clock: time.Now, cfg: cfg,
	}, nil
}

// Migrate makes the store of cfg, or brings its schema up to date.
func Migrate(ctx context.Context, cfg Config, _ *slog.Logger) error {
	if err := cfg.Validate(); err != nil {
		return err
	}
	st, err := store.Open(ctx, cfg.Store.URL.Reveal(), store.Options{Migrate: true})
	if err != nil {
		return err
	}
	return st.Close()
}

// Close ends the store.
func (o *Operator) Close() error { return o.store.Close() }

// NewAccount is an account that an operator makes.
type NewAccount struct {
	Name string
	// Password is hashed as the configuration says; empty = the account cannot sign in with a password. It is not held
	// against the policy: an operator knows what they do.
	Password       string
	Email          string
	EmailConfirmed bool
	RealName       string
	Groups         []string
}

// CreateAccount makes an account with its log entry. Its errors are ErrBadName, ErrNameTaken, or a fault.
func (o *Operator) CreateAccount(ctx context.Context, n NewAccount) (auth.Account, error) {
	n.Password, n.RealName = usertext.Clean(n.Password), usertext.Clean(n.RealName) // as they would be sent to a server
	name, ok := o.names.Canonical(n.Name, username.Creatable)
	if !ok {
		return auth.Account{}, fmt.Errorf("%w: %q", ErrBadName, n.Name)
	}
	if n.Email != "" && !userdata.ValidAddress(n.Email) {
		return auth.Account{}, fmt.Errorf("%w: %q", ErrBadEmail, n.Email)
	}
	if err := o.knownGroups(n.Groups); err != nil {
		return auth.Account{}, err
	}
	d, err := o.draft(name, n)
	if err != nil {
		return auth.Account{}, err
	}
	account, err := o.store.CreateAccount(ctx, d)
	if errors.Is(err, auth.ErrNameTaken) {
		return auth.Account{}, fmt.Errorf("%w: %q", ErrNameTaken, name)
	}
	return account, err
}

func (o *Operator) draft(name auth.Name, n NewAccount) (auth.Draft, error) {
	var nonce [16]byte
	if _, err := io.ReadFull(o.random, nonce[:]); err != nil {
		return auth.Draft{}, fmt.Errorf("make the creation's id: %w", err)
	}
	d := auth.Draft{
		Nonce:   hex.EncodeToString(nonce[:]),
		Account: auth.Account{Name: name, Email: n.Email, RealName: n.RealName, Groups: sortedSet(n.Groups)},
		Log:     auth.LogEntry{Type: auth.LogNewUsers, Action: auth.LogCreate2, Performer: operatorName, Target: name},
	}
	if n.EmailConfirmed && n.Email != "" {
		d.Account.EmailConfirmed = o.clock()
	}
	if n.Password != "" {
		hash, err := o.hasher.Hash(n.Password)
		if err != nil {
			return auth.Draft{}, fmt.Errorf("hash password: %w", err)
		}
		d.Credentials = []auth.Credential{{Kind: auth.CredentialPassword, Value: hash}}
	}
	return d, nil
}

func sortedSet(s []string) []string {
	s = slices.Clone(s)
	slices.Sort(s)
	return slices.Compact(s)
}

// knownGroups refuses groups that membership cannot be given in.
func (o *Operator) knownGroups(groups []string) error {
	for _, g := range groups {
		implied := g == auth.GroupEverybody || g == auth.GroupUser || g == auth.GroupAutoconfirmed
		if _, known := o.groups[g]; !known || implied {
			return fmt.Errorf("%w: %q; there are %v", ErrNoSuchGroup, g, o.membership())
		}
	}
	return nil
}

func (o *Operator) membership() []string {
	var out []string
	for g := range o.groups {
		if g != auth.GroupEverybody && g != auth.GroupUser && g != auth.GroupAutoconfirmed {
			out = append(out, g)
		}
	}
	slices.Sort(out)
	return out
}

// account finds an account by what an operator typed.
func (o *Operator) account(ctx context.Context, raw string) (auth.Account, error) {
	name, ok := o.names.Canonical(raw, username.Valid)
	if !ok {
		return auth.Account{}, fmt.Errorf("%w: %q", ErrNoSuchAccount, raw)
	}
	a, err := o.store.AccountByName(ctx, name)
	if errors.Is(err, auth.ErrNotFound) {
		return auth.Account{}, fmt.Errorf("%w: %q", ErrNoSuchAccount, name)
	}
	return a, err
}

// AccountDetails is what there is to know of an account without its secrets.
type AccountDetails struct {
	Account auth.Account
	// Credentials are the kinds of credential that the account has, what was mailed among them.
	Credentials []auth.CredentialKind
	// Identities are the accounts elsewhere that are linked.
	Identities []auth.Identity
	Blocks     []auth.Block
	// Created is the entry of the log of new users; its ID is 0 if there is none.
	Created auth.LogEntry
	// Factors are the second factors, RecoveryCodes how many codes were not used yet.
	Factors       []auth.Factor
	RecoveryCodes int
	// Sessions is how many places the account is signed in at.
	Sessions int
}

// Show gives the details of one account, or ErrNoSuchAccount.
func (o *Operator) Show(ctx context.Context, name string) (AccountDetails, error) {
	a, err := o.account(ctx, name)
	if err != nil {
		return AccountDetails{}, err
	}
	d := AccountDetails{Account: a}
	if d.Credentials, err = o.store.CredentialKinds(ctx, a.ID); err != nil {
		return d, err
	}
	if d.Identities, err = o.store.IdentitiesOf(ctx, a.ID); err != nil {
		return d, err
	}
	d.Identities = slices.DeleteFunc(d.Identities, auth.Identity.Passkey) // they are among the credentials
	if err := o.showFactors(ctx, &d); err != nil {
		return d, err
	}
	if d.Blocks, err = o.store.BlocksOn(ctx, auth.Creator{Account: a}); err != nil {
		return d, err
	}
	sessions, err := o.store.SessionsOf(ctx, a.ID)
	if err != nil {
		return d, err
	}
	now := o.clock()
	d.Sessions = len(slices.DeleteFunc(sessions, func(row auth.SessionRow) bool { return !now.Before(row.Expires) }))
	made, err := o.store.LogEntries(ctx, auth.LogQuery{Type: auth.LogNewUsers, Target: a.Name, OldestFirst: true, Limit: 1})
	if len(made) == 1 {
		d.Created = made[0]
	}
	return d, err
}

const listPage = 500

// List calls each for every account whose name begins with prefix, in the order of the names' bytes, until it fails.
func (o *Operator) List(ctx context.Context, prefix string, each func(auth.Account) error) error {
	q := auth.AccountQuery{Prefix: prefix, Limit: listPage + 1}
	for {
		accounts, err := o.store.Accounts(ctx, q)
		if err != nil {
			return err
		}
		for i, a := range accounts {
			if i == listPage {
				break
			}
			if err := each(a); err != nil {
				return err
			}
		}
		if len(accounts) <= listPage {
			return nil
		}
		q.From = accounts[listPage].Name
	}
}

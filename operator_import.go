package gatehouse

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"
	"sync"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/password"
	"gatehouse/internal/provider/userdata"
	"gatehouse/internal/username"
	"gatehouse/internal/usertext"
)

// ImportOptions say how accounts are taken in.
type ImportOptions struct {
	// DryRun judges every line and writes nothing.
	DryRun bool
	// Groups puts accounts into the groups that their records name; else these are left out.
	Groups bool
	// Comment stands in the public log of new users, beside each account.
	Comment string
}

// Imported is what became of one line.
type Imported struct {
	Line int
	Name auth.Name // empty where the line has none
	// Err says why the line was refused; nil = it was not.
	Err error
	// Account is the account that was made; its ID is 0 in a dry run.
	Account auth.Account
	// Again: the very same line was imported before, so nothing was done.
	Again bool
	// GroupsLeftOut: the record names groups, and was not asked for them. FactorsLeft: the account had a second factor where it
	// comes from.
	GroupsLeftOut, FactorsLeft bool
}

const (
	importBatch   = 256
	importAtOnce  = 64
	maxRecordLine = 1 << 20
)

// ErrBadRecord is a line that cannot become an account.
var ErrBadRecord = errors.New("the record cannot be imported")

// ImportAccounts makes an account of every line of in (JSON Lines, see AccountRecord; rows of MediaWiki's table of users are
// understood as well), each with an entry in the log, and calls report for each line in order. An account that exists is never
// changed.
//
// It can be stopped at any time and started again with the same lines: those that are done are told from names that somebody
// else took, by an id that is made from the line. Lines that are refused do not end it; an error does, and what was imported
// before stays. The costs of hashes are capped: one that would take seconds at each sign-in is refused.
func (o *Operator) ImportAccounts(ctx context.Context, in io.Reader, opt ImportOptions, report func(Imported) error) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 64<<10), maxRecordLine)
	run := &importing{op: o, opt: opt, seen: map[[8]byte]bool{}}
	for number := 1; lines.Scan(); number++ {
		line := bytes.TrimSpace(lines.Bytes())
		if len(line) == 0 {
			continue
		}
		run.add(number, line)
		if len(run.batch) == importBatch {
			if err := run.flush(ctx, report); err != nil {
				return err
			}
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read the accounts: %w", err)
	}
	return run.flush(ctx, report)
}

// importing is an import under way.
type importing struct {
	op    *Operator
	opt   ImportOptions
	batch []candidate
	// seen are digests of the names that the store cannot know yet: those of this batch, and all of a dry run.
	seen map[[8]byte]bool
}

// candidate is one line on its way.
type candidate struct {
	Imported
	draft    auth.Draft
	password string
}

func (i *importing) add(number int, line []byte) {
	c := candidate{Imported: Imported{Line: number}}
	r, err := parseRecord(line)
	if err == nil {
		err = i.judge(&c, r)
	}
	if err != nil {
		c.Err = fmt.Errorf("%w: %w", ErrBadRecord, err)
	}
	i.batch = append(i.batch, c)
}

// judge makes a draft of a record, or says what is wrong with it.
func (i *importing) judge(c *candidate, r AccountRecord) error {
	name, ok := i.op.names.Canonical(r.Name, username.Usable)
	if !ok {
		return fmt.Errorf("%w: %q", ErrBadName, r.Name)
	}
	c.Name = name
	digest := sha256.Sum256([]byte(name))
	if i.seen[[8]byte(digest[:])] {
		return errors.New("an earlier line has this name")
	}
	i.seen[[8]byte(digest[:])] = true
	now := i.op.clock()
	switch {
	case r.Email != "" && !userdata.ValidAddress(r.Email):
		return fmt.Errorf("%w: %q", ErrBadEmail, r.Email)
	case r.Registered.After(now) || r.EmailConfirmed.After(now):
		return errors.New("a time is still to come")
	case r.Language != "" && !languageCode.MatchString(r.Language):
		return fmt.Errorf("%q is no code of a language", r.Language)
	}
	if err := password.Recognize(r.Password); err != nil {
		return fmt.Errorf("password: %w", err)
	}
	c.password, c.FactorsLeft = r.Password, r.SecondFactors
	d := auth.Draft{
		Nonce: importNonce(r),
		Account: auth.Account{
			Name: name, RealName: usertext.Clean(r.RealName), Email: r.Email, EmailConfirmed: r.EmailConfirmed.Truncate(time.Microsecond),
			Registered: r.Registered.Truncate(time.Microsecond), Language: r.Language,
		},
		Log: auth.LogEntry{
			Type: auth.LogNewUsers, Action: auth.LogCreate2, Performer: operatorName, Target: name, Comment: i.opt.Comment, Time: now,
		},
	}
	if r.Email == "" {
		d.Account.EmailConfirmed = time.Time{}
	}
	for _, identity := range r.Identities {
		if identity.Issuer == "" || identity.Subject == "" {
			return errors.New("an identity needs issuer and subject")
		}
		d.Identities = append(d.Identities, auth.Identity{Issuer: identity.Issuer, Subject: identity.Subject, Label: identity.Label})
	}
	c.draft = d
	return i.groups(c, r, now)
}

// groups puts the account into the groups of its record, if that was asked for.
func (i *importing) groups(c *candidate, r AccountRecord, now time.Time) error {
	if !i.opt.Groups {
		c.GroupsLeftOut = len(r.Groups) > 0
		return nil
	}
	over := func(group string) bool { end := r.GroupEnds[group]; return !end.IsZero() && !end.After(now) }
	a := &c.draft.Account
	a.Groups = slices.DeleteFunc(sortedSet(r.Groups), over)
	a.GroupEnds = maps.Clone(r.GroupEnds)
	maps.DeleteFunc(a.GroupEnds, func(group string, end time.Time) bool { return end.IsZero() || !slices.Contains(a.Groups, group) })
	return i.op.knownGroups(a.Groups)
}

// importNonce is the creation's id. The same record has the same, whenever it comes.
func importNonce(r AccountRecord) string {
	whole, _ := json.Marshal(r) // texts, times and lists of them: it cannot fail
	sum := sha256.Sum256(append([]byte("account import\n"), whole...))
	return hex.EncodeToString(sum[:16])
}

// flush imports the batch and reports it.
func (i *importing) flush(ctx context.Context, report func(Imported) error) error {
	there, err := i.existing(ctx)
	if err != nil {
		return err
	}
	faults := make([]error, len(i.batch))
	each(i.batch, runtime.GOMAXPROCS(0), func(n int, c *candidate) {
		if c.Err == nil && !i.opt.DryRun && !there[c.Name] { // an account that exists gets no new hash
			faults[n] = i.op.adopt(c)
		}
	})
	if err := errors.Join(faults...); err != nil {
		return err
	}
	each(i.batch, importAtOnce, func(n int, c *candidate) {
		switch {
		case c.Err != nil:
		case i.opt.DryRun && there[c.Name]:
			c.Err = fmt.Errorf("%w, or was imported before", ErrNameTaken)
		case i.opt.DryRun:
			c.Account = c.draft.Account
		default:
			faults[n] = i.op.create(ctx, c, there[c.Name])
		}
	})
	for n := range i.batch {
		if err := faults[n]; err != nil {
			return fmt.Errorf("line %d: %w", i.batch[n].Line, err)
		}
		if err := report(i.batch[n].Imported); err != nil {
			return err
		}
	}
	i.batch = i.batch[:0]
	if !i.opt.DryRun {
		clear(i.seen)
	}
	return nil
}

// existing tells which names of the batch the store has.
func (i *importing) existing(ctx context.Context) (map[auth.Name]bool, error) {
	var names []auth.Name
	for _, c := range i.batch {
		if c.Err == nil {
			names = append(names, c.Name)
		}
	}
	if len(names) == 0 {
		return nil, nil
	}
	accounts, err := i.op.store.AccountsByName(ctx, names)
	there := map[auth.Name]bool{}
	for _, a := range accounts {
		there[a.Name] = true
	}
	return there, err
}

// each calls do for every candidate, some at once.
func each(batch []candidate, atOnce int, do func(int, *candidate)) {
	var all sync.WaitGroup
	slots := make(chan struct{}, atOnce)
	for n := range batch {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			do(n, &batch[n])
		})
	}
	all.Wait()
}

// adopt turns the record's hash into what is stored.
func (o *Operator) adopt(c *candidate) error {
	stored, err := o.hasher.Adopt(c.password)
	if err != nil {
		return fmt.Errorf("take in a password hash: %w", err)
	}
	if stored != "" {
		c.draft.Credentials = []auth.Credential{{Kind: auth.CredentialPassword, Value: stored}}
	}
	return nil
}

// create makes the account. Where the name is there already, that finds out whether this line did it.
func (o *Operator) create(ctx context.Context, c *candidate, there bool) error {
	account, err := o.store.CreateAccount(ctx, c.draft)
	switch {
	case errors.Is(err, auth.ErrNameTaken):
		c.Err = ErrNameTaken
	case errors.Is(err, auth.ErrIdentityTaken):
		c.Err = fmt.Errorf("%w: one of the identities belongs to another account", ErrBadRecord)
	case err != nil:
		return err
	default:
		c.Account, c.Again = account, there
	}
	return nil
}

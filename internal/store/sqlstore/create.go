package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"gatehouse/auth"
)

// creationTries bounds how often a creation whose outcome is unknown is looked up and repeated.
const creationTries = 6

// CreateAccount commits d whole or not at all: the account with its groups and credentials, the log entry, the outbox, the
// counters. Its errors are auth.ErrNameTaken, auth.ErrIdentityTaken, *auth.LimitError, or a fault.
//
// A draft whose nonce is that of the account with its name is that creation come again: it gives the account and writes
// nothing. So after a lost connection a creation can be repeated without knowing whether it was committed.
func (s *Store) CreateAccount(ctx context.Context, d auth.Draft) (auth.Account, error) {
	raise, err := newRaise(d.Counters)
	if err == nil {
		err = checkOutbox(d.Outbox)
	}
	if err != nil {
		return auth.Account{}, err
	}
	c := &creation{store: s, draft: d, raise: raise}
	err = c.commit(ctx)
	for try := 0; s.engine.Unknown(err) && try < creationTries; try++ {
		pause(try)
		switch looked := c.lookUp(ctx); {
		case errors.Is(looked, auth.ErrNotFound):
			err = c.commitAlone(context.WithoutCancel(ctx))
		case looked == nil, errors.Is(looked, auth.ErrNameTaken):
			err = looked
		}
	}
	if err != nil {
		return auth.Account{}, fmt.Errorf("create account: %w", err)
	}
	return c.made, nil
}

// pause waits before look-up number try of a creation whose outcome is unknown: not at first, then longer and longer, for a
// server that was started again.
func pause(try int) {
	if try > 0 {
		time.Sleep(50 * time.Millisecond << try)
	}
}

// creation is one draft on its way into the store.
type creation struct {
	store *Store
	draft auth.Draft
	raise *raise
	made  auth.Account
}

func (c *creation) commit(ctx context.Context) error {
	if c.store.gather != nil && c.gathers() {
		err := c.store.gather.commit(ctx, c)
		if errors.Is(err, sql.ErrNoRows) {
			return c.replayed(context.WithoutCancel(ctx), c.store.engine.Reader())
		}
		if !errors.Is(err, errAlone) {
			return err
		}
	}
	return c.commitAlone(ctx)
}

func (c *creation) commitAlone(ctx context.Context) error {
	write, insert := c.store.engine.Write, c.insertOneByOne
	if c.store.dialect.InsertsInWith {
		write, insert = c.store.engine.WriteOne, c.insertTogether
	}
	return write(ctx, func(ctx context.Context, q Queries) error {
		err := insert(ctx, q)
		if errors.Is(err, sql.ErrNoRows) {
			return c.replayed(ctx, q)
		}
		return err
	})
}

// lookUp finds out whether an earlier attempt was committed; auth.ErrNotFound if it was not.
func (c *creation) lookUp(ctx context.Context) error {
	return notFound(c.replayed(context.WithoutCancel(ctx), c.store.engine.Reader()))
}

// replayed tells what to answer when the name is there already: the account, if this very creation made it.
func (c *creation) replayed(ctx context.Context, q Queries) error {
	var nonce string
	var id, registered int64
	err := q.QueryRowContext(ctx, `SELECT id, registered, nonce FROM account WHERE name = $1`, text(c.draft.Account.Name)).
		Scan(&id, &registered, &nonce)
	if err != nil {
		return err
	}
	if nonce == "" || nonce != c.draft.Nonce {
		return auth.ErrNameTaken
	}
	c.succeed(id, registered)
	return nil
}

func (c *creation) succeed(id, registered int64) {
	c.made = c.draft.Account
	c.made.ID, c.made.Registered = auth.AccountID(id), fromMicros(registered)
}

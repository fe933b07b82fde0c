package sqlstore

import (
	"context"
	"database/sql"
	"strconv"

	"gatehouse/auth"
)

// insertOneByOne writes the rows of a creation, each with its own statement. sql.ErrNoRows: the name is there already. It
// is for engines in this process, whose clock is the Store's.
func (c *creation) insertOneByOne(ctx context.Context, q Queries) error {
	a := c.draft.Account
	registered := c.store.clock().UnixMicro()
	if !a.Registered.IsZero() {
		registered = toMicros(a.Registered)
	}
	r, err := q.ExecContext(ctx, `
INSERT INTO account (name, real_name, email, email_confirmed, registered, language, nonce)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
		text(a.Name), text(a.RealName), text(a.Email), toMicros(a.EmailConfirmed), registered, text(a.Language), c.draft.Nonce)
	if done, err := affected(r, err); err != nil {
		return err
	} else if !done {
		return sql.ErrNoRows
	}
	id, err := r.LastInsertId()
	if err != nil {
		return err
	}
	c.succeed(id, registered)
	if err := c.insertParts(ctx, q); err != nil || c.raise == nil {
		return err
	}
	return c.raise.run(ctx, q, c.store)
}

func (c *creation) insertParts(ctx context.Context, q Queries) error {
	id := int64(c.made.ID)
	for _, cr := range c.draft.Credentials {
		_, err := q.ExecContext(ctx, `INSERT INTO credential (account, kind, value) VALUES ($1, $2, $3)`,
			id, text(cr.Kind), text(cr.Value))
		if err != nil {
			return err
		}
	}
	for _, g := range c.draft.Account.Groups {
		_, err := q.ExecContext(ctx, `INSERT INTO account_group (account, name, ends) VALUES ($1, $2, $3)`,
			id, text(g), toMicros(c.draft.Account.GroupEnds[g]))
		if err != nil {
			return err
		}
	}
	if err := c.store.insertIdentities(ctx, q, id, c.draft.Identities); err != nil {
		return err
	}
	if c.draft.Log.Action != "" {
		if err := c.insertEntry(ctx, q); err != nil {
			return err
		}
	}
	return c.store.insertOutbox(ctx, q, c.made.ID, c.draft.Outbox)
}

func (c *creation) insertEntry(ctx context.Context, q Queries) error {
	e := c.draft.Log
	if c.performsItself() {
		e.PerformerID = c.made.ID
	}
	if e.TargetID == 0 {
		e.TargetID = c.made.ID
	}
	if e.Time.IsZero() {
		e.Time = c.made.Registered
	}
	_, err := q.ExecContext(ctx, `
INSERT INTO log_entry (type, action, performer_id, performer, target_id, target, comment, tag, time)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		text(e.Type), text(e.Action), int64(e.PerformerID), text(e.Performer), int64(e.TargetID), text(e.Target),
		text(e.Comment), text(e.Tag), logTime(e.Time))
	return err
}

// performsItself reports whether the new account is the performer of its own log entry.
func (c *creation) performsItself() bool {
	e := c.draft.Log
	return e.PerformerID == 0 && (e.Action == auth.LogCreate || e.Performer == c.draft.Account.Name)
}

// insertTogether writes the rows of a creation with one statement, which is a transaction of its own: one round trip.
// sql.ErrNoRows: the name is there already.
//
// The look-up before the INSERT spares the sequence of ids the names that are refused; what decides is the unique key. The
// counters depend on the account, so a name that is taken raises none.
func (c *creation) insertTogether(ctx context.Context, q Queries) error {
	a := c.draft.Account
	st := new(statement).add(`WITH made AS (
INSERT INTO account (name, real_name, email, email_confirmed, registered, language, nonce)
SELECT `)
	name := `CAST(` + st.arg(text(a.Name)) + ` AS TEXT)`
	st.add(name).cast(`TEXT`, a.RealName).cast(`TEXT`, a.Email).cast(`BIGINT`, toMicros(a.EmailConfirmed)).add(`, `)
	if a.Registered.IsZero() {
		st.add(c.store.now(st))
	} else {
		st.add(`CAST(` + st.arg(toMicros(a.Registered)) + ` AS BIGINT)`)
	}
	st.cast(`TEXT`, a.Language).cast(`TEXT`, c.draft.Nonce)
	st.add(` WHERE NOT EXISTS (SELECT 1 FROM account WHERE name = `, name, `)
ON CONFLICT DO NOTHING RETURNING id, registered)`)
	c.addParts(st)
	st.add(` SELECT id, registered, `)
	if c.raise == nil {
		st.add(`1`)
	} else {
		c.raise.addCheck(st)
	}
	c.addIdentityCheck(st)
	st.add(` FROM made`)
	var id, registered, checked int64
	err := q.QueryRowContext(ctx, st.String(), st.args...).Scan(&id, &registered, &checked)
	if c.store.engine.DividedByZero(err) {
		return c.refused(ctx, q)
	}
	if err != nil {
		return err
	}
	c.succeed(id, registered)
	return nil
}

// addParts adds the further members of WITH: the rows that refer to the account.
func (c *creation) addParts(st *statement) {
	for i, cr := range c.draft.Credentials {
		st.add(`, credential`, strconv.Itoa(i), ` AS (INSERT INTO credential (account, kind, value) SELECT made.id`)
		st.cast(`TEXT`, string(cr.Kind)).cast(`TEXT`, cr.Value).add(` FROM made)`)
	}
	for i, g := range c.draft.Account.Groups {
		st.add(`, membership`, strconv.Itoa(i), ` AS (INSERT INTO account_group (account, name, ends) SELECT made.id`)
		st.cast(`TEXT`, g).cast(`BIGINT`, toMicros(c.draft.Account.GroupEnds[g])).add(` FROM made)`)
	}
	c.addIdentities(st)
	if c.draft.Log.Action != "" {
		c.addEntry(st)
	}
	if len(c.draft.Outbox) > 0 {
		c.addOutbox(st)
	}
	if c.raise != nil {
		st.add(`, raised AS (INSERT INTO counter (ends, key, ceiling, count) `)
		now := c.raise.addRows(st, c.store)
		st.add(`, made`)
		addUpsert(st, now)
		st.add(`)`)
	}
}

func (c *creation) addEntry(st *statement) {
	e := c.draft.Log
	performer, target, at := `made.id`, `made.id`, `made.registered - made.registered % 1000000`
	st.add(`, entry AS (INSERT INTO log_entry (performer_id, target_id, time, type, action, performer, target, comment, tag) SELECT `)
	if !c.performsItself() {
		performer = `CAST(` + st.arg(int64(e.PerformerID)) + ` AS BIGINT)`
	}
	st.add(performer, `, `)
	if e.TargetID != 0 {
		target = `CAST(` + st.arg(int64(e.TargetID)) + ` AS BIGINT)`
	}
	st.add(target, `, `)
	if !e.Time.IsZero() {
		at = `CAST(` + st.arg(logTime(e.Time)) + ` AS BIGINT)`
	}
	st.add(at).cast(`TEXT`, e.Type).cast(`TEXT`, e.Action).cast(`TEXT`, string(e.Performer))
	st.cast(`TEXT`, string(e.Target)).cast(`TEXT`, e.Comment).cast(`TEXT`, e.Tag).add(` FROM made)`)
}

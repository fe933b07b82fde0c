package sqlstore

import "context"

// madeRow is what the database tells of an account that a group made.
type madeRow struct{ id, registered int64 }

// gathers reports whether the creation may go with others: outside identities and groups are rare, and go alone.
func (c *creation) gathers() bool {
	return len(c.draft.Identities) == 0 && len(c.draft.Account.Groups) == 0 && c.draft.Log.Action != ""
}

// name is the account's name as the row has it.
func (c *creation) name() string { return text(c.draft.Account.Name) }

// insertMany writes the rows of many creations, all of different names, with one statement, which is a transaction of its
// own. It gives the accounts by their names; one that is missing is there already. An error means that none was written, or
// that this is unknown.
//
// Every part goes in as arrays, so that the text is one of four and is prepared once. Rows find their account by its name.
func (s *Store) insertMany(ctx context.Context, members []*creation) (map[string]madeRow, error) {
	st := s.manyStatement(members)
	made := make(map[string]madeRow, len(members))
	err := s.engine.WriteOne(ctx, func(ctx context.Context, q Queries) error {
		clear(made)
		_, err := collect(ctx, q, st, func(row scanner) (struct{}, error) {
			var name string
			var r madeRow
			var checked int
			err := row.Scan(&name, &r.id, &r.registered, &checked)
			made[name] = r
			return struct{}{}, err
		})
		return err
	})
	return made, err
}

func (s *Store) manyStatement(members []*creation) *statement {
	st := new(statement)
	s.manyAccounts(st, members)
	manyCredentials(st, members)
	manyEntries(st, members)
	manyMails(st, members)
	raised := s.manyCounters(st, members)
	st.add(` SELECT name, id, registered, `)
	if raised {
		// Nothing but an error undoes what a statement wrote that is its own transaction.
		st.add(`1 / CASE WHEN (SELECT count(*) FROM raised) = (SELECT count(*) FROM due) THEN 1 ELSE 0 END`)
	} else {
		st.add(`1`)
	}
	return st.add(` FROM made`)
}

// manyAccounts: in the order of their names, so that two groups wait for each other and not across.
func (s *Store) manyAccounts(st *statement, members []*creation) {
	n := len(members)
	names, realNames, emails := make([]string, n), make([]string, n), make([]string, n)
	confirmed, registered, languages, nonces := make([]int64, n), make([]int64, n), make([]string, n), make([]string, n)
	for i, c := range members {
		a := c.draft.Account
		names[i], realNames[i], emails[i] = text(a.Name), text(a.RealName), text(a.Email)
		confirmed[i], registered[i] = toMicros(a.EmailConfirmed), toMicros(a.Registered)
		languages[i], nonces[i] = text(a.Language), text(c.draft.Nonce)
	}
	st.add(`WITH made AS (
INSERT INTO account (registered, name, real_name, email, email_confirmed, language, nonce)
SELECT CASE d.registered WHEN 0 THEN `)
	st.add(s.now(st), ` ELSE d.registered END, d.name, d.real_name, d.email, d.email_confirmed, d.language, d.nonce FROM `)
	st.unnest(`d(name, real_name, email, email_confirmed, registered, language, nonce)`,
		names, realNames, emails, confirmed, registered, languages, nonces)
	st.add(` ORDER BY d.name ON CONFLICT DO NOTHING RETURNING id, name, registered)`)
}

func manyCredentials(st *statement, members []*creation) {
	var names, kinds, values []string
	for _, c := range members {
		for _, cr := range c.draft.Credentials {
			names, kinds, values = append(names, c.name()), append(kinds, text(cr.Kind)), append(values, text(cr.Value))
		}
	}
	if len(names) == 0 {
		return
	}
	st.add(`, credentials AS (INSERT INTO credential (account, kind, value) SELECT made.id, c.kind, c.value FROM `)
	st.unnest(`c(name, kind, value)`, names, kinds, values).add(` JOIN made ON made.name = c.name ORDER BY made.id)`)
}

// itself stands in an array for the account that is being made.
const itself = -1

func manyEntries(st *statement, members []*creation) {
	n := len(members)
	names, performerIDs, targetIDs, times := make([]string, n), make([]int64, n), make([]int64, n), make([]int64, n)
	types, actions, performers := make([]string, n), make([]string, n), make([]string, n)
	targets, comments, tags := make([]string, n), make([]string, n), make([]string, n)
	for i, c := range members {
		e := c.draft.Log
		names[i], performerIDs[i], targetIDs[i], times[i] = c.name(), int64(e.PerformerID), int64(e.TargetID), itself
		if c.performsItself() {
			performerIDs[i] = itself
		}
		if e.TargetID == 0 {
			targetIDs[i] = itself
		}
		if !e.Time.IsZero() {
			times[i] = logTime(e.Time)
		}
		types[i], actions[i], performers[i] = text(e.Type), text(e.Action), text(e.Performer)
		targets[i], comments[i], tags[i] = text(e.Target), text(e.Comment), text(e.Tag)
	}
	st.add(`, entries AS (INSERT INTO log_entry (performer_id, target_id, time, type, action, performer, target, comment, tag)
SELECT CASE e.performer_id WHEN -1 THEN made.id ELSE e.performer_id END, CASE e.target_id WHEN -1 THEN made.id ELSE e.target_id END,
	CASE e.time WHEN -1 THEN made.registered - made.registered % 1000000 ELSE e.time END,
	e.type, e.action, e.performer, e.target, e.comment, e.tag FROM `)
	st.unnest(`e(name, performer_id, target_id, time, type, action, performer, target, comment, tag)`,
		names, performerIDs, targetIDs, times, types, actions, performers, targets, comments, tags)
	st.add(` JOIN made ON made.name = e.name ORDER BY made.id)`)
}

func manyMails(st *statement, members []*creation) {
	var names, ids, kinds, domains []string
	var accounts, ends []int64
	var bodies [][]byte
	for _, c := range members {
		for _, o := range c.draft.Outbox {
			names, ids, kinds = append(names, c.name()), append(ids, text(o.MessageID)), append(kinds, text(o.Kind))
			domains, accounts, ends = append(domains, text(o.Domain)), append(accounts, int64(o.Account)), append(ends, toMicros(o.Expires))
			bodies = append(bodies, blob(o.Sealed))
		}
	}
	if len(names) == 0 {
		return
	}
	st.add(`, mails AS (
INSERT INTO outbox (state, attempts, lease, ended, error, message_id, kind, account, domain, expires, body, due, queued)
SELECT 'queued', 0, '', 0, '', m.message_id, m.kind, coalesce(nullif(m.account, 0), made.id), m.domain, m.expires, m.body,
	made.registered, made.registered FROM `)
	st.unnest(`m(name, message_id, kind, account, domain, expires, body)`, names, ids, kinds, accounts, domains, ends, bodies)
	st.add(` JOIN made ON made.name = m.name ORDER BY m.message_id ON CONFLICT DO NOTHING)`)
}

// manyCounters raises each counter once, by as many as the group made accounts that count there, in the order of the keys. A
// counter that has no room for all of them gives no row: then they go alone, and each is told its own.
func (s *Store) manyCounters(st *statement, members []*creation) bool {
	var names, keys []string
	var ceilings, windows []int64
	for _, c := range members {
		if c.raise == nil {
			continue
		}
		for _, k := range c.raise.counters {
			names, keys = append(names, c.name()), append(keys, text(k.Key))
			ceilings, windows = append(ceilings, k.Limit), append(windows, k.Window.Microseconds())
		}
	}
	if len(names) == 0 {
		return false
	}
	st.add(`, due AS (SELECT k.key, count(*) AS rise, min(k.ceiling) AS ceiling, max(k.span) AS span FROM `)
	st.unnest(`k(name, key, ceiling, span)`, names, keys, ceilings, windows)
	st.add(` JOIN made ON made.name = k.name GROUP BY k.key), raised AS (
INSERT INTO counter (ends, key, ceiling, count) SELECT due.span + `)
	now := s.now(st)
	over := windowOver(now)
	st.add(now, `, due.key, due.ceiling, due.rise FROM due WHERE due.rise <= due.ceiling ORDER BY due.key
ON CONFLICT (key) DO UPDATE SET
	count = CASE WHEN `, over, ` THEN excluded.count ELSE counter.count + excluded.count END,
	ends = CASE WHEN `, over, ` THEN excluded.ends ELSE counter.ends END,
	ceiling = excluded.ceiling
WHERE `, over, ` OR counter.count + excluded.count <= excluded.ceiling
RETURNING 1)`)
	return true
}

// unnest adds the rows whose columns are the arrays.
func (s *statement) unnest(as string, columns ...any) *statement {
	s.add(`unnest(`)
	for i, column := range columns {
		if i > 0 {
			s.add(`, `)
		}
		element := `TEXT`
		switch column.(type) {
		case []int64:
			element = `BIGINT`
		case [][]byte:
			element = `BYTEA`
		}
		s.add(`CAST(`).addArg(column).add(` AS `, element, `[])`)
	}
	return s.add(`) AS `, as)
}

package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"gatehouse/auth"
)

// logTime is a time as the log keeps it: whole seconds, because a place in the log is written as 14 digits and an id.
func logTime(t time.Time) int64 { return t.Truncate(time.Second).UnixMicro() }

// fewNames is how many accounts may be looked up one by one for a query of the log by prefix.
const fewNames = 2000

// LogEntries gives the entries that q selects. Their times are whole seconds.
func (s *Store) LogEntries(ctx context.Context, q auth.LogQuery) ([]auth.LogEntry, error) {
	st := new(statement).add(`
SELECT l.id, l.type, l.action, l.performer_id, l.performer, l.target_id, l.target, l.comment, l.tag, l.details, l.time FROM log_entry l WHERE TRUE`)
	st.logKind(q)
	st.logName(`performer`, q.Performer)
	st.logName(`target`, q.Target)
	if q.TargetPrefix != "" {
		if err := s.logPrefix(ctx, st, q.Type, q.TargetPrefix); err != nil {
			return nil, fmt.Errorf("read log: %w", err)
		}
	}
	st.logTimes(q)
	out, err := collect(ctx, s.engine.Reader(), st, scanLogEntry)
	if err != nil {
		return nil, fmt.Errorf("read log: %w", err)
	}
	return out, nil
}

// logKind bounds type, action and tag. The conditions without an argument let the indexes of the rarer entries serve.
func (s *statement) logKind(q auth.LogQuery) {
	if q.Type == "" { // some logs are not for everybody
		s.add(` AND l.type IN (`)
		list(s, auth.PublicLogs())
		s.add(`)`)
	} else {
		s.add(` AND l.type = `).addArg(q.Type)
		if q.Type != auth.LogNewUsers {
			s.add(` AND l.type <> 'newusers'`)
		}
	}
	if q.Action != "" {
		s.add(` AND l.action = `).addArg(q.Action)
		if q.Action != auth.LogCreate {
			s.add(` AND l.action <> 'create'`)
		}
	}
	if q.Tagged {
		s.add(` AND l.tag <> ''`)
	}
	if q.Outside { // linked in the second in which the account was made
		s.add(` AND EXISTS (SELECT 1 FROM identity i WHERE i.account = l.target_id AND i.linked >= l.time
	AND i.linked < l.time + 1000000 AND i.issuer <> `).addArg(auth.PasskeyIssuer).add(`)`)
	}
	if q.Tag != "" {
		s.add(` AND l.tag <> '' AND l.tag = `).addArg(q.Tag)
	}
}

// logName bounds who did it or to whom. The id is what the index has; the name is compared for those that are no account.
func (s *statement) logName(column string, name auth.Name) {
	if name == "" {
		return
	}
	arg := s.arg(string(name))
	s.add(` AND l.`, column, `_id = coalesce((SELECT a.id FROM account a WHERE a.name = `, arg, `), 0) AND l.`, column, ` = `, arg)
}

// logPrefix bounds the target's name. Where few accounts have the prefix their entries are looked up by id. Where many
// have it, every page is found soon by walking along the log.
func (s *Store) logPrefix(ctx context.Context, st *statement, kind, prefix string) error {
	names := nameRange{prefix: prefix}
	few := new(statement).add(`SELECT count(*) FROM (SELECT 1 FROM account a WHERE TRUE`)
	few.names(`a.name`, names)
	few.add(` LIMIT `).addArg(int64(fewNames + 1)).add(`) AS few`)
	var n int
	if err := s.engine.Reader().QueryRowContext(ctx, few.String(), few.args...).Scan(&n); err != nil {
		return err
	}
	if n <= fewNames {
		st.add(` AND (l.target_id IN (SELECT a.id FROM account a WHERE TRUE`)
		st.names(`a.name`, names)
		if st.add(`)`); kind != auth.LogNewUsers {
			st.add(` OR l.target_id = 0`) // addresses
		}
		st.add(`)`)
	}
	st.names(`l.target`, names)
	return nil
}

// logTimes bounds the time, continues behind q.After, and sets order and limit.
func (s *statement) logTimes(q auth.LogQuery) {
	if !q.From.IsZero() {
		s.add(` AND l.time >= `).addArg(toMicros(q.From))
	}
	if !q.To.IsZero() {
		s.add(` AND l.time <= `).addArg(toMicros(q.To))
	}
	order, behind := ` DESC`, ` < (`
	if q.OldestFirst {
		order, behind = ``, ` > (`
	}
	if q.After.ID != 0 {
		s.add(` AND (l.time, l.id)`, behind).addArg(logTime(q.After.Time)).add(`, `).addArg(q.After.ID).add(`)`)
	}
	s.add(` ORDER BY l.time`, order, `, l.id`, order, ` LIMIT `).addArg(int64(q.Limit))
}

func scanLogEntry(row scanner) (auth.LogEntry, error) {
	var e auth.LogEntry
	var at int64
	var details string
	err := row.Scan(&e.ID, &e.Type, &e.Action, &e.PerformerID, &e.Performer, &e.TargetID, &e.Target, &e.Comment, &e.Tag, &details, &at)
	e.Time = fromMicros(at)
	if err == nil && details != "" {
		err = json.Unmarshal([]byte(details), &e.Details)
	}
	return e, err
}

// WriteLog writes one entry and gives it with its id and time. A zero time is now.
func (s *Store) WriteLog(ctx context.Context, e auth.LogEntry) (auth.LogEntry, error) {
	var written auth.LogEntry
	err := s.engine.WriteOne(ctx, func(ctx context.Context, q Queries) (err error) {
		written, err = s.insertEntry(ctx, q, e)
		return err
	})
	if err != nil {
		return auth.LogEntry{}, fmt.Errorf("write log: %w", err)
	}
	return written, nil
}

// insertEntry is WriteLog within a transaction.
func (s *Store) insertEntry(ctx context.Context, q Queries, e auth.LogEntry) (auth.LogEntry, error) {
	var at any
	if !e.Time.IsZero() {
		at = logTime(e.Time)
	}
	details, err := marshalDetails(e.Details)
	if err != nil {
		return e, err
	}
	st := new(statement).add(`
INSERT INTO log_entry (type, action, performer_id, performer, target_id, target, comment, tag, details, time) VALUES (`)
	list(st, []any{text(e.Type), text(e.Action), int64(e.PerformerID), text(e.Performer), int64(e.TargetID), text(e.Target), text(e.Comment), text(e.Tag), details})
	st.add(`, coalesce(CAST(`).addArg(at).add(` AS BIGINT), (SELECT micros - micros % 1000000 FROM (SELECT `)
	st.add(s.now(st), ` AS micros) AS clock))) RETURNING id, time`) // the clock is read once: it moves meanwhile
	var micros int64
	err = q.QueryRowContext(ctx, st.String(), st.args...).Scan(&e.ID, &micros)
	e.Time = fromMicros(micros)
	return e, err
}

// marshalDetails gives what a row holds; nothing is the empty text.
func marshalDetails(d *auth.LogDetails) (string, error) {
	if d == nil {
		return "", nil
	}
	b, err := json.Marshal(d)
	return text(string(b)), err
}

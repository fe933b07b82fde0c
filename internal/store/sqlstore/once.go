package sqlstore

import (
	"context"
	"crypto/rand"
	"errors"
)

// errDone: the write was committed by an earlier attempt, whose answer was lost.
var errDone = errors.New("committed already")

// marksKept is how long a write's random id is remembered, in microseconds: an hour, far longer than anybody asks.
const marksKept = `3600000000`

// writeOnce runs w in a transaction like Engine.Write. After a connection that was lost while the server had something to do,
// it finds out whether the transaction was committed, and repeats it only if it was not: with it goes a random id, which no
// second transaction can store. (While the lost one still runs, the second waits for its end.) What w sets stays as the attempt
// left it that was committed.
func (s *Store) writeOnce(ctx context.Context, w Work) error {
	if !s.dialect.Remote {
		return s.engine.Write(ctx, w)
	}
	id := "write " + rand.Text()
	attempt := func(ctx context.Context) error {
		return s.engine.Write(ctx, func(ctx context.Context, q Queries) error {
			switch first, err := s.mark(ctx, q, id); {
			case err != nil:
				return err
			case !first:
				return errDone
			}
			return w(ctx, q)
		})
	}
	err := attempt(ctx)
	for try := 0; s.engine.Unknown(err) && try < creationTries; try++ {
		pause(try)
		err = attempt(context.WithoutCancel(ctx))
	}
	if errors.Is(err, errDone) {
		return nil
	}
	return err
}

// mark stores an id that is there once and reports whether it was not there before.
func (s *Store) mark(ctx context.Context, q Queries, id string) (first bool, err error) {
	st := new(statement).add(`INSERT INTO mark (id, made) VALUES (`).addArg(id).add(`, `)
	st.add(s.now(st), `) ON CONFLICT DO NOTHING`)
	return affected(q.ExecContext(ctx, st.String(), st.args...))
}

// alone makes every other transaction that calls it with the same text wait until this one has ended: where transactions run
// beside each other, and there is no row yet that could be locked. It leaves nothing behind.
func (s *Store) alone(ctx context.Context, q Queries, what string) error {
	if !s.dialect.Remote {
		return nil
	}
	if _, err := s.mark(ctx, q, what); err != nil {
		return err
	}
	_, err := q.ExecContext(ctx, `DELETE FROM mark WHERE id = $1`, text(what))
	return err
}

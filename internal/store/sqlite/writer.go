package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"runtime"
	"sync/atomic"

	"gatehouse/internal/store/sqlstore"
)

// maxGroup is how many writes are committed together at most.
const maxGroup = 256

var errClosed = errors.New("the store is closed")

// writer is the one goroutine that writes. The writes that come while it commits wait and make the next group: they share
// one transaction and one wait for the disk, each in a savepoint of its own, and are answered after COMMIT.
type writer struct {
	conn      *sql.Conn
	queries   *preparedWrites
	jobs      chan *job // unbuffered: a job that was taken is answered
	quit      chan struct{}
	ended     chan struct{}
	committed atomic.Uint64
}

// job is one write. Its work belongs to the writer from when it was taken until done has its outcome.
type job struct {
	work sqlstore.Work
	done chan error
	err  error
}

func startWriter(conn *sql.Conn) *writer {
	w := &writer{
		conn:    conn,
		queries: &preparedWrites{conn: conn, texts: map[string]*sql.Stmt{}},
		jobs:    make(chan *job),
		quit:    make(chan struct{}),
		ended:   make(chan struct{}),
	}
	go w.run()
	return w
}

// do hands work to the writer and waits for its outcome. The end of ctx counts until the writer has taken it.
func (w *writer) do(ctx context.Context, work sqlstore.Work) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	j := &job{work: work, done: make(chan error, 1)}
	select {
	case w.jobs <- j:
		return <-j.done
	case <-ctx.Done():
		return ctx.Err()
	case <-w.quit:
		return errClosed
	}
}

// stop ends the writer after the group in hand.
func (w *writer) stop() {
	close(w.quit)
	<-w.ended
}

func (w *writer) run() {
	defer close(w.ended)
	for {
		select {
		case j := <-w.jobs:
			w.commit(w.collect(j))
		case <-w.quit:
			return
		}
	}
}

// collect gives first and what else waits now. Who can run runs first: the busier the processors are, the larger the group.
func (w *writer) collect(first *job) []*job {
	group := []*job{first}
	runtime.Gosched()
	for len(group) < maxGroup {
		select {
		case j := <-w.jobs:
			group = append(group, j)
		default:
			return group
		}
	}
	return group
}

// commit runs a group and answers its members. If the transaction fails they run singly, so that each has the outcome of
// its own work.
func (w *writer) commit(group []*job) {
	broken, err := w.transact(group)
	if broken && len(group) > 1 {
		for _, j := range group {
			w.commit([]*job{j})
		}
		return
	}
	for _, j := range group {
		if err != nil {
			j.err = err
		}
		j.done <- j.err
	}
}

// transact runs the group in one transaction and leaves each member's own outcome in it. An error means that nothing was
// written; broken says that it came from inside the transaction, and may be the doing of one member.
func (w *writer) transact(group []*job) (broken bool, err error) {
	if err := w.exec(`BEGIN IMMEDIATE`); err != nil {
		return false, err
	}
	written := false
	for _, j := range group {
		if err = w.member(j); err != nil {
			break
		}
		written = written || j.err == nil
	}
	if err == nil && written {
		if err = w.exec(`COMMIT`); err == nil {
			w.committed.Add(1)
			return false, nil
		}
	}
	// It fails only where SQLite has rolled the transaction back itself.
	_ = w.exec(`ROLLBACK`)
	return err != nil, err
}

// member runs one job in its savepoint. An error means that the whole transaction is lost.
func (w *writer) member(j *job) error {
	if err := w.exec(`SAVEPOINT member`); err != nil {
		return err
	}
	// No request's context comes here: what was begun is finished.
	if j.err = j.work(context.Background(), w.queries); j.err != nil {
		if err := w.exec(`ROLLBACK TO member`); err != nil {
			return errors.Join(j.err, err)
		}
	}
	return w.exec(`RELEASE member`)
}

func (w *writer) exec(text string) error {
	_, err := w.queries.ExecContext(context.Background(), text)
	return err
}

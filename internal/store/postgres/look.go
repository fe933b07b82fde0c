package postgres

import (
	"context"
	"database/sql"
	"errors"
	"runtime"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"gatehouse/internal/store/sqlstore"
)

const (
	// coresPerLine is for how many processors there is one looker: fewer of them have more to send together.
	coresPerLine = 4
	// maxTogether is how many look-ups are sent together at most.
	maxTogether = 128
	// idleTime is how long a connection may have been idle and still be used: what lies between may have forgotten it.
	idleTime = 5 * time.Minute
)

var errClosed = errors.New("the store is closed")

// lookers run look-ups on a few connections of their own. Those that come while others are on their way wait and are sent
// together, as one pipeline: one round trip, and one awakening of the server, for all of them.
type lookers struct {
	config  *pgx.ConnConfig
	jobs    chan *lookup // unbuffered: a look-up that was taken is answered
	quit    chan struct{}
	workers sync.WaitGroup
	// types decode what rows have. One serves one goroutine at a time.
	types sync.Pool
}

func startLookers(config *pgx.ConnConfig) *lookers {
	l := &lookers{config: config, jobs: make(chan *lookup), quit: make(chan struct{})}
	l.types.New = func() any { return pgtype.NewMap() }
	for range max(1, runtime.GOMAXPROCS(0)/coresPerLine) {
		l.workers.Go(l.run)
	}
	return l
}

// stop ends the goroutines after the look-ups in hand.
func (l *lookers) stop() {
	close(l.quit)
	l.workers.Wait()
}

// lookup is one look-up. It belongs to a looker from when it was taken until done is closed.
type lookup struct {
	text  string
	args  []any
	found answer
	err   error
	ended bool
	done  chan struct{}
}

func (j *lookup) end(err error) {
	j.err, j.ended = err, true
	close(j.done)
}

// look runs a look-up and gives its whole answer.
func (l *lookers) look(text string, args []any) (sqlstore.Rows, error) {
	j := &lookup{text: text, args: args, done: make(chan struct{})}
	select {
	case l.jobs <- j:
		<-j.done
	case <-l.quit:
		return nil, errClosed
	}
	if j.err != nil {
		return nil, j.err
	}
	j.found.types = &l.types
	return &j.found, nil
}

func (l *lookers) run() {
	line := lookLine{config: l.config}
	defer line.close()
	for {
		select {
		case j := <-l.jobs:
			line.answer(l.collect(j))
		case <-l.quit:
			return
		}
	}
}

// collect gives first and what else waits now. Who can run runs first: the busier the processors are, the more go together.
func (l *lookers) collect(first *lookup) []*lookup {
	group := []*lookup{first}
	runtime.Gosched()
	for len(group) < maxTogether {
		select {
		case j := <-l.jobs:
			group = append(group, j)
		default:
			return group
		}
	}
	return group
}

// lookLine is the connection of one looker, made when it is needed.
type lookLine struct {
	config *pgx.ConnConfig
	conn   *pgx.Conn
	used   time.Time
}

func (n *lookLine) close() {
	if n.conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = n.conn.Close(ctx) // it is given up, whatever it says
	n.conn = nil
}

// answer runs a group. A connection that was lost is made anew, once: a look-up may be repeated. What the server refuses
// takes those behind it along, so they are sent again without it.
func (n *lookLine) answer(group []*lookup) {
	ctx, cancel := context.WithTimeout(context.Background(), readTimeout)
	defer cancel()
	lost := 0
	for len(group) > 0 {
		err := n.send(ctx, group)
		for len(group) > 0 && group[0].ended {
			group = group[1:]
		}
		var refusal *pgconn.PgError
		switch {
		case err == nil, len(group) == 0:
		case n.conn != nil && errors.As(err, &refusal):
			group[0].end(err)
			group = group[1:]
		case lost == 0 && ctx.Err() == nil:
			lost++
		default:
			for _, j := range group {
				j.end(err)
			}
			return
		}
	}
}

// send sends a group as one pipeline and ends its look-ups in their order, up to the first that fails.
func (n *lookLine) send(ctx context.Context, group []*lookup) error {
	if err := n.connect(ctx); err != nil {
		return err
	}
	batch := &pgx.Batch{}
	for _, j := range group {
		batch.Queue(j.text, j.args...)
	}
	results := n.conn.SendBatch(ctx, batch)
	var err error
	for _, j := range group {
		if err = j.found.read(results); err != nil {
			break
		}
		j.end(nil)
	}
	err = errors.Join(err, results.Close())
	if n.used = time.Now(); n.conn.IsClosed() || ctx.Err() != nil {
		n.close()
	}
	return err
}

func (n *lookLine) connect(ctx context.Context) (err error) {
	if n.conn != nil && time.Since(n.used) > idleTime {
		n.close()
	}
	if n.conn == nil {
		n.conn, err = pgx.ConnectConfig(ctx, n.config)
	}
	return err
}

// answer is the rows of a look-up, read whole. It is a sqlstore.Rows.
type answer struct {
	types   *sync.Pool
	columns []pgconn.FieldDescription
	values  [][]byte // row after row
	row     int      // the one that Scan reads, from 1
}

// read takes the next answer of a pipeline.
func (a *answer) read(results pgx.BatchResults) error {
	*a = answer{}
	rows, err := results.Query()
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if a.columns == nil {
			a.columns = append(a.columns, rows.FieldDescriptions()...)
		}
		for _, v := range rows.RawValues() {
			if v != nil {
				v = append([]byte{}, v...) // it is the connection's own
			}
			a.values = append(a.values, v)
		}
	}
	return rows.Err()
}

func (a *answer) Next() bool {
	if a.row*len(a.columns) >= len(a.values) {
		return false
	}
	a.row++
	return true
}

func (a *answer) Scan(dest ...any) error {
	if a.row == 0 {
		return sql.ErrNoRows
	}
	if len(dest) != len(a.columns) {
		return errors.New("scan a look-up: as many places as columns are wanted")
	}
	types := a.types.Get().(*pgtype.Map)
	defer a.types.Put(types)
	from := (a.row - 1) * len(a.columns)
	for i, d := range dest {
		c := a.columns[i]
		if err := types.Scan(c.DataTypeOID, c.Format, a.values[from+i], d); err != nil {
			return err
		}
	}
	return nil
}

func (a *answer) Err() error   { return nil }
func (a *answer) Close() error { return nil }

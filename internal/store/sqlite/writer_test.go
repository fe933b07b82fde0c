package sqlite

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"gatehouse/internal/store/sqlstore"
)

var errRefused = errors.New("refused")

// notes is a database with a table that the tests write to, and its writer, which is not running: a test commits groups
// itself.
type notes struct {
	*testing.T
	w *writer
}

func newNotes(t *testing.T) *notes {
	t.Helper()
	d := database{dsn: "file:" + filepath.Join(t.TempDir(), "notes.db"), writer: fileWriter()}
	db, err := d.pool(d.writer, 1)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(); db.Close() })
	n := &notes{t, startWriter(conn)}
	n.w.stop()
	n.exec(`CREATE TABLE note (id INTEGER PRIMARY KEY, about INTEGER REFERENCES note (id) DEFERRABLE INITIALLY DEFERRED)`)
	return n
}

func (n *notes) exec(text string) {
	n.Helper()
	if err := n.w.exec(text); err != nil {
		n.Fatalf("%s: %v", text, err)
	}
}

func (n *notes) ids() string {
	n.Helper()
	var ids string
	row := n.w.queries.QueryRowContext(n.Context(), `SELECT coalesce(group_concat(id ORDER BY id), '') FROM note`)
	if err := row.Scan(&ids); err != nil {
		n.Fatal(err)
	}
	return ids
}

// commit runs the statements as one group, each as one member. A statement that ends in "!" is refused afterwards.
func (n *notes) commit(texts ...string) []string {
	var group []*job
	for _, text := range texts {
		text, refuse := strings.CutSuffix(text, "!")
		group = append(group, &job{done: make(chan error, 1), work: func(ctx context.Context, q sqlstore.Queries) error {
			if _, err := q.ExecContext(ctx, text); err != nil {
				return err
			}
			if refuse {
				return errRefused
			}
			return nil
		}})
	}
	n.w.commit(group)
	out := make([]string, len(group))
	for i, j := range group {
		switch err := <-j.done; {
		case err == nil:
			out[i] = "ok"
		case errors.Is(err, errRefused):
			out[i] = "refused"
		default:
			out[i] = "fault"
		}
	}
	return out
}

// TestGroup: what one member of a group does, or suffers, is no other member's business.
func TestGroup(t *testing.T) {
	insert := func(id string) string { return `INSERT INTO note (id) VALUES (` + id + `)` }
	for name, c := range map[string]struct {
		group    []string
		outcomes string
		ids      string
		commits  uint64
	}{
		"all good":                {[]string{insert("1"), insert("2"), insert("3")}, "ok ok ok", "1,2,3", 1},
		"alone":                   {[]string{insert("1")}, "ok", "1", 1},
		"one refused":             {[]string{insert("1"), insert("2") + "!", insert("3")}, "ok refused ok", "1,3", 1},
		"all refused":             {[]string{insert("1") + "!", insert("2") + "!"}, "refused refused", "", 0},
		"one breaks a constraint": {[]string{insert("1"), insert("1"), insert("3")}, "ok fault ok", "1,3", 1},
		"one is no SQL":           {[]string{insert("1"), `INSERT`, insert("3")}, "ok fault ok", "1,3", 1},
		// The group's COMMIT fails; run singly, one member's does.
		"one fails at commit": {[]string{insert("1"), `INSERT INTO note VALUES (2, 99)`, insert("3")}, "ok fault ok", "1,3", 2},
		// The transaction is gone in the middle of the group, with what the first member wrote.
		"one ends the transaction": {[]string{insert("1"), `ROLLBACK`, insert("3")}, "ok fault ok", "1,3", 2},
	} {
		t.Run(name, func(t *testing.T) {
			n := newNotes(t)
			if got := strings.Join(n.commit(c.group...), " "); got != c.outcomes {
				t.Errorf("outcomes: got %s, want %s", got, c.outcomes)
			}
			if got := n.ids(); got != c.ids {
				t.Errorf("rows: got %s, want %s", got, c.ids)
			}
			if got := n.w.committed.Load(); got != c.commits {
				t.Errorf("commits: got %d, want %d", got, c.commits)
			}
			if got := n.commit(insert("50")); got[0] != "ok" {
				t.Errorf("afterwards: %s", got[0])
			}
		})
	}
}

// TestBusy: while another process holds the lock for too long, nobody of the group is written, and later all can be.
func TestBusy(t *testing.T) {
	n := newNotes(t)
	var path string
	if err := n.w.queries.QueryRowContext(t.Context(), `SELECT file FROM pragma_database_list`).Scan(&path); err != nil {
		t.Fatal(err)
	}
	n.exec(`PRAGMA busy_timeout = 1`)
	other, err := database{dsn: "file:" + path}.pool(nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, err := other.Exec(`BEGIN IMMEDIATE`); err != nil {
		t.Fatal(err)
	}
	if got := n.commit(`INSERT INTO note (id) VALUES (1)`, `INSERT INTO note (id) VALUES (2)`); strings.Join(got, " ") != "fault fault" {
		t.Errorf("locked out: %v", got)
	}
	if _, err := other.Exec(`ROLLBACK`); err != nil {
		t.Fatal(err)
	}
	if got := n.commit(`INSERT INTO note (id) VALUES (1)`); got[0] != "ok" || n.ids() != "1" {
		t.Errorf("afterwards: %v, rows %s", got, n.ids())
	}
}

// TestCollect: what waits while the writer works is taken as one group, up to the limit.
func TestCollect(t *testing.T) {
	w := &writer{jobs: make(chan *job, 2*maxGroup), quit: make(chan struct{})}
	for range maxGroup + 9 {
		w.jobs <- &job{}
	}
	if n := len(w.collect(<-w.jobs)); n != maxGroup {
		t.Errorf("the first group has %d members", n)
	}
	if n := len(w.collect(<-w.jobs)); n != 9 {
		t.Errorf("the second group has %d members", n)
	}
}

// TestCancelWhileWriting: the end of a context before the writer takes a job is its end; after that it changes nothing.
func TestCancelWhileWriting(t *testing.T) {
	n := newNotes(t)
	w := startWriter(n.w.conn)
	defer w.stop()
	ctx, cancel := context.WithCancel(t.Context())
	begun, goOn := make(chan struct{}), make(chan struct{})
	first := make(chan error)
	go func() {
		first <- w.do(ctx, func(ctx context.Context, q sqlstore.Queries) error {
			close(begun)
			<-goOn
			if ctx.Err() != nil {
				return errors.New("the request's end reached the writer")
			}
			_, err := q.ExecContext(ctx, `INSERT INTO note (id) VALUES (1)`)
			return err
		})
	}()
	<-begun
	cancel()
	if err := w.do(ctx, func(context.Context, sqlstore.Queries) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("a job that was never taken: %v", err)
	}
	close(goOn)
	if err := <-first; err != nil {
		t.Errorf("a job that had begun: %v", err)
	}
	if ids := n.ids(); ids != "1" {
		t.Errorf("rows: %q", ids)
	}
}

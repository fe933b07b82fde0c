package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"runtime"
	"sync"
)

var errClosed = errors.New("the store is closed")

// errAlone tells a member of a group to go on by itself.
var errAlone = errors.New("to be done alone")

const (
	// coresPerGatherer is for how many processors there is one group on its way: fewer groups are larger ones.
	coresPerGatherer = 4
	// maxGathered is how many creations are committed together at most.
	maxGathered = 128
)

// gatherer commits the creations together that come while others are being committed. It is for databases that are another
// process, where a group is one statement: one round trip, one wait for the disk.
type gatherer struct {
	store   *Store
	jobs    chan *gathered // unbuffered: who was taken is answered
	quit    chan struct{}
	workers sync.WaitGroup
}

// gathered is a creation that waits for its group. It belongs to the group's goroutine from when it was taken until done has
// its outcome.
type gathered struct {
	creation *creation
	done     chan error
}

func startGatherer(s *Store) *gatherer {
	g := &gatherer{store: s, jobs: make(chan *gathered), quit: make(chan struct{})}
	for range max(1, runtime.GOMAXPROCS(0)/coresPerGatherer) {
		g.workers.Go(g.run)
	}
	return g
}

// stop ends the goroutines after the groups in hand.
func (g *gatherer) stop() {
	close(g.quit)
	g.workers.Wait()
}

// commit hands a creation over and waits for its outcome: nil, sql.ErrNoRows (the name is there already), errAlone, or a
// fault. The end of ctx counts until the creation was taken.
func (g *gatherer) commit(ctx context.Context, c *creation) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	j := &gathered{creation: c, done: make(chan error, 1)}
	select {
	case g.jobs <- j:
		return <-j.done
	case <-ctx.Done():
		return ctx.Err()
	case <-g.quit:
		return errClosed
	}
}

func (g *gatherer) run() {
	for {
		select {
		case j := <-g.jobs:
			g.answer(g.collect(j))
		case <-g.quit:
			return
		}
	}
}

// collect gives first and who else waits now. Who can run runs first: the busier the processors are, the larger the group. Two of
// one name do not go together: one of them is sent away.
func (g *gatherer) collect(first *gathered) []*gathered {
	group := []*gathered{first}
	runtime.Gosched()
	names := map[string]bool{first.creation.name(): true}
	for len(group) < maxGathered {
		select {
		case j := <-g.jobs:
			if names[j.creation.name()] {
				j.done <- errAlone
				continue
			}
			names[j.creation.name()] = true
			group = append(group, j)
		default:
			return group
		}
	}
	return group
}

// answer commits a group and tells its members. What fails may be the doing of one of them, so each is sent to do it alone;
// but not where it is unknown whether they were committed: that they find out first.
func (g *gatherer) answer(group []*gathered) {
	if len(group) == 1 {
		group[0].done <- group[0].creation.commitAlone(context.Background())
		return
	}
	members := make([]*creation, len(group))
	for i, j := range group {
		members[i] = j.creation
	}
	// No request's context comes here.
	made, err := g.store.insertMany(context.Background(), members)
	if err != nil && !g.store.engine.Unknown(err) {
		err = errAlone
	}
	for _, j := range group {
		switch row, ok := made[j.creation.name()]; {
		case err != nil:
			j.done <- err
		case ok:
			j.creation.succeed(row.id, row.registered)
			j.done <- nil
		default:
			j.done <- sql.ErrNoRows
		}
	}
}

// Package outbox delivers the mail that waits in the store: any number of servers may run a Worker on one store.
//
// It takes mail in hand under a lease, hands it to a Carrier and records what became of it. A mail is tried until it was
// accepted, refused for good, or is of no use any more. It is tried a second time after it was accepted only if the server
// dies between the acceptance and the record of it, or the mail server breaks off before it says whether it accepted; the
// message id is the same then.
//
// It knows neither what mail says nor how it travels: that is internal/mail. The rows are the store's.
package outbox

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"sync"
	"time"

	"gatehouse/auth"
)

// Store is the outbox. The time is the store's own.
type Store interface {
	// MailDue reports, without writing, whether ClaimMail would give anything.
	MailDue(ctx context.Context) (bool, error)
	// ClaimMail takes up to limit mails in hand: of any number of callers exactly one gets each, until the lease ends.
	ClaimMail(ctx context.Context, l auth.MailLease, limit int) ([]auth.MailRow, error)
	// FinishMail records how a try ended. It may be called again.
	FinishMail(ctx context.Context, o auth.MailOutcome) (changed bool, err error)
}

// Carrier takes mail to where it is read.
type Carrier interface {
	// Connect opens a way for several mails, within the time-out. Nothing that goes wrong here is the fault of a mail.
	Connect(ctx context.Context) (Way, error)
}

// Way is used by one goroutine.
type Way interface {
	// Send gives nil once somebody else took the responsibility for the mail. An error that says Permanent() is not tried
	// again. After an error the way is closed. It ends within the time-out, whatever becomes of ctx.
	Send(ctx context.Context, row auth.MailRow) error
	Close()
}

// Config is what a Worker needs; what is not said to be optional is required.
type Config struct {
	Store   Store
	Carrier Carrier
	// Timeout is how long the Carrier takes at most to connect, and for each mail.
	Timeout time.Duration
	// FirstRetry is how long the second try waits; each further one waits twice as long, up to LastRetry.
	FirstRetry, LastRetry time.Duration
	// Poll is how long a Worker that found nothing waits until it looks again; 0 = a second.
	Poll time.Duration
	// Hands is how many mails are under way at once; 0 = 4.
	Hands int
	// Clock measures how long a lease still lasts.
	Clock func() time.Time
	// Random names leases and spreads retries; it must be safe for concurrent use.
	Random io.Reader
	Logger *slog.Logger // nil = silent
	// Observe, if not nil, is told how each try ended.
	Observe func(auth.MailState)
}

const (
	// batch is how many mails a hand takes at once.
	batch = 10
	// recordMargin is how much of the lease is left for the record of an outcome when a mail is begun.
	recordMargin = 45 * time.Second
	// recordPause is the longest wait between two tries to record an outcome.
	recordPause = 5 * time.Second
	// recordTries is how often a record is tried once the Worker is to end.
	recordTries = 8
)

// Worker delivers mail while Run runs.
type Worker struct{ cfg Config }

// New gives a Worker.
func New(c Config) (*Worker, error) {
	if c.Store == nil || c.Carrier == nil || c.Clock == nil || c.Random == nil {
		return nil, errors.New("new outbox worker: store, carrier, clock and randomness are required")
	}
	if c.Timeout <= 0 || c.FirstRetry <= 0 || c.LastRetry < c.FirstRetry {
		return nil, errors.New("new outbox worker: its times are not in order")
	}
	if c.Poll == 0 {
		c.Poll = time.Second
	}
	if c.Hands == 0 {
		c.Hands = 4
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return &Worker{cfg: c}, nil
}

// Lease is how long mail is in hand: longer than a connection and several mails can take.
func (w *Worker) Lease() time.Duration { return 4*w.cfg.Timeout + recordMargin }

// Run delivers until ctx ends. Then it finishes what is being sent, gives the rest back, and returns.
func (w *Worker) Run(ctx context.Context) {
	var all sync.WaitGroup
	for range w.cfg.Hands {
		all.Go(func() { w.hand(ctx) })
	}
	all.Wait()
}

// hand delivers batch after batch. It rests when there is nothing to do, and longer when the mail server or the store does
// not answer.
func (w *Worker) hand(ctx context.Context) {
	for ctx.Err() == nil {
		found, err := w.Deliver(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			w.cfg.Logger.Error("deliver mail", "error", err)
			rest(ctx, w.cfg.FirstRetry)
		case found == 0:
			rest(ctx, w.cfg.Poll)
		}
	}
}

func rest(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// Deliver takes one batch in hand and delivers it; it gives how many mails there were. An error is about the store or the
// way, and not about a mail.
func (w *Worker) Deliver(ctx context.Context) (int, error) {
	due, err := w.cfg.Store.MailDue(ctx)
	if err != nil || !due {
		return 0, err
	}
	name, err := w.leaseName()
	if err != nil {
		return 0, err
	}
	// The lease began after this, by the store's clock.
	b := &round{w: w, lease: name, until: w.cfg.Clock().Add(w.Lease())}
	rows, err := w.cfg.Store.ClaimMail(ctx, auth.MailLease{Name: name, For: w.Lease()}, batch)
	if err != nil {
		return 0, err
	}
	defer b.close()
	for _, row := range rows {
		b.deliver(ctx, row)
	}
	return len(rows), b.err
}

func (w *Worker) leaseName() (string, error) {
	n, err := w.random()
	if err != nil {
		return "", err
	}
	m, err := w.random()
	return fmt.Sprintf("%016x%016x", n, m), err
}

func (w *Worker) random() (uint64, error) {
	var b [8]byte
	if _, err := io.ReadFull(w.cfg.Random, b[:]); err != nil {
		return 0, fmt.Errorf("read randomness: %w", err)
	}
	return binary.BigEndian.Uint64(b[:]), nil
}

// after is how long the next try waits behind try number n: a time between half and the whole of what is doubled each time,
// so that what failed together is not tried together.
func (w *Worker) after(n int) time.Duration {
	whole := w.cfg.LastRetry
	if shift := max(n-1, 0); shift < 62 && w.cfg.FirstRetry <= w.cfg.LastRetry>>shift {
		whole = w.cfg.FirstRetry << shift
	}
	r, err := w.random()
	if err != nil {
		return whole
	}
	half := whole / 2
	return half + time.Duration(float64(whole-half)*(float64(r>>11)/math.Exp2(53)))
}

package password

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/auth"
)

// network numbers networks of one address each.
func networkOf(i int) netip.Prefix {
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{198, 18, byte(i >> 8), byte(i)}), 32)
}

// known is how many networks the budget remembers.
func (b *Budget) known() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.networks)
}

func reserve(t *testing.T, b *Budget, w Work, network int) *Ticket {
	t.Helper()
	ticket, err := b.Reserve(w, networkOf(network))
	if err != nil {
		t.Fatalf("Reserve(%v, %d): %v", w, network, err)
	}
	return ticket
}

func refused(t *testing.T, b *Budget, w Work, network int) *auth.OverloadError {
	t.Helper()
	_, err := b.Reserve(w, networkOf(network))
	var overload *auth.OverloadError
	if !errors.As(err, &overload) {
		t.Fatalf("Reserve(%v, %d) = %v, want an overload", w, network, err)
	}
	return overload
}

// hashing is a hash that takes d of the bubble's time.
func hashing(d time.Duration) func() error {
	return func() error { time.Sleep(d); return nil }
}

// inBubble runs f where time is a bubble's, with a Budget of settings, which must be empty at the end.
func inBubble(t *testing.T, s BudgetSettings, f func(*testing.T, *Budget)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := NewBudget(s)
		f(t, b)
		synctest.Wait()
		if st := b.Stats(); st.InFlight != 0 || st.Places != 0 || st.Waiting != 0 || b.known() != 0 {
			t.Errorf("left behind: %+v, %d networks", st, b.known())
		}
	})
}

func TestQueueIsBounded(t *testing.T) {
	inBubble(t, BudgetSettings{InFlight: 1, PerNetwork: 1, Queue: 8}, func(t *testing.T, b *Budget) {
		var held []*Ticket
		for i := range 6 {
			held = append(held, reserve(t, b, SignUp, i))
		}
		refused(t, b, SignUp, 6) // a quarter is left to sign-ins
		for i := range 2 {
			held = append(held, reserve(t, b, SignIn, 10+i))
		}
		refused(t, b, SignIn, 12)
		held[0].Release()
		refusedStats := b.Stats().RefusedFull
		if refusedStats != [works]int64{1, 1} {
			t.Errorf("RefusedFull = %v", refusedStats)
		}
		held = append(held, reserve(t, b, SignIn, 12))
		for _, ticket := range held {
			ticket.Release()
			ticket.Release()
		}
	})
}

func TestSignInsLeaveAQuarterToo(t *testing.T) {
	inBubble(t, BudgetSettings{InFlight: 1, Queue: 8}, func(t *testing.T, b *Budget) {
		var held []*Ticket
		for i := range 6 {
			held = append(held, reserve(t, b, SignIn, i))
		}
		refused(t, b, SignIn, 6)
		held = append(held, reserve(t, b, SignUp, 6))
		for _, ticket := range held {
			ticket.Release()
		}
	})
}

func TestNetworkHoldsAQuarter(t *testing.T) {
	inBubble(t, BudgetSettings{InFlight: 1, PerNetwork: 1, Queue: 8}, func(t *testing.T, b *Budget) {
		first, second := reserve(t, b, SignUp, 1), reserve(t, b, SignIn, 1)
		refused(t, b, SignUp, 1)
		refused(t, b, SignIn, 1)
		other := reserve(t, b, SignUp, 2)
		first.Release()
		third := reserve(t, b, SignIn, 1)
		for _, ticket := range []*Ticket{second, third, other} {
			ticket.Release()
		}
		if got := b.Stats().RefusedNetwork; got != [works]int64{1, 1} {
			t.Errorf("RefusedNetwork = %v", got)
		}
	})
}

// TestMostWait: who would wait for longer is refused at once, and who would not is taken on; sign-ins look at their share of the
// turns only, so that a flood of sign-ups does not refuse them.
func TestMostWait(t *testing.T) {
	inBubble(t, BudgetSettings{InFlight: 2, Queue: 64, MostWait: 3 * time.Second}, func(t *testing.T, b *Budget) {
		for i := range 8 { // nothing is known yet: nobody is refused
			go reserve(t, b, SignUp, i).Run(t.Context(), hashing(time.Second))
		}
		synctest.Wait()
		time.Sleep(10 * time.Second)
		synctest.Wait()
		begin := func(w Work, network int) {
			t.Helper()
			go reserve(t, b, w, network).Run(t.Context(), hashing(time.Second))
			synctest.Wait()
		}
		for i := range 2 + 7 { // two in flight, and the seventh in the queue waits for three and a half seconds
			begin(SignUp, i)
		}
		if wait := refused(t, b, SignUp, 20).RetryAfter; wait != 4500*time.Millisecond {
			t.Errorf("RetryAfter = %v", wait)
		}
		for i := range 5 { // each with one sign-up before it, then two
			begin(SignIn, 30+i)
		}
		refused(t, b, SignUp, 21)
		refused(t, b, SignIn, 41)
		if got := b.Stats().RefusedFull; got != [works]int64{1, 2} {
			t.Errorf("RefusedFull = %v", got)
		}
		time.Sleep(time.Minute)
	})
}

func TestNetworkWithoutLimit(t *testing.T) {
	inBubble(t, BudgetSettings{InFlight: 4, PerNetwork: 0, Queue: 8}, func(t *testing.T, b *Budget) {
		for range 6 {
			go reserve(t, b, SignUp, 1).Run(t.Context(), hashing(time.Second))
		}
		synctest.Wait()
		if s := b.Stats(); s.InFlight != 4 || s.Waiting != 2 {
			t.Errorf("%d in flight and %d waiting, want 4 and 2", s.InFlight, s.Waiting)
		}
		time.Sleep(2 * time.Second)
	})
}

func TestSmallQueuesHaveRoomForOne(t *testing.T) {
	inBubble(t, BudgetSettings{InFlight: 1, PerNetwork: 1, Queue: 1}, func(t *testing.T, b *Budget) {
		ticket := reserve(t, b, SignUp, 1)
		refused(t, b, SignIn, 2)
		ticket.Release()
		reserve(t, b, SignIn, 1).Release()
	})
}

func TestInFlightIsBounded(t *testing.T) {
	inBubble(t, BudgetSettings{InFlight: 3, PerNetwork: 2, Queue: 64}, func(t *testing.T, b *Budget) {
		for i := range 8 { // two networks; each may have two in flight, both together three
			go reserve(t, b, SignUp, i%2).Run(t.Context(), hashing(time.Second))
		}
		synctest.Wait()
		if s := b.Stats(); s.InFlight != 3 || s.Waiting != 5 || s.Places != 5 {
			t.Errorf("in flight %d, waiting %d, places %d; want 3, 5, 5", s.InFlight, s.Waiting, s.Places)
		}
		time.Sleep(3 * time.Second)
	})
}

func TestFewInFlightForOneNetwork(t *testing.T) {
	inBubble(t, BudgetSettings{InFlight: 4, PerNetwork: 2, Queue: 64}, func(t *testing.T, b *Budget) {
		for range 4 {
			go reserve(t, b, SignUp, 1).Run(t.Context(), hashing(time.Second))
		}
		synctest.Wait()
		if s := b.Stats(); s.InFlight != 2 || s.Waiting != 2 {
			t.Errorf("in flight %d, waiting %d; want 2, 2", s.InFlight, s.Waiting)
		}
		start := time.Now()
		if err := reserve(t, b, SignUp, 2).Run(t.Context(), hashing(0)); err != nil || time.Since(start) != 0 {
			t.Errorf("another network's Run = %v after %v, want at once", err, time.Since(start))
		}
		time.Sleep(2 * time.Second)
	})
}

func TestDeadline(t *testing.T) {
	inBubble(t, BudgetSettings{InFlight: 1, Queue: 8, Deadline: 3 * time.Second}, func(t *testing.T, b *Budget) {
		go reserve(t, b, SignUp, 1).Run(t.Context(), hashing(3*time.Second-1))
		synctest.Wait()
		if err := reserve(t, b, SignUp, 2).Run(t.Context(), hashing(3*time.Second+1)); err != nil {
			t.Errorf("a turn just before the deadline: %v", err)
		}
		go reserve(t, b, SignUp, 1).Run(t.Context(), hashing(3*time.Second+1))
		synctest.Wait()
		start, called := time.Now(), false
		err := reserve(t, b, SignUp, 2).Run(t.Context(), func() error { called = true; return nil })
		var overload *auth.OverloadError
		if !errors.As(err, &overload) || called || time.Since(start) != 3*time.Second {
			t.Errorf("Run = %v after %v, called %v; want an overload after 3s", err, time.Since(start), called)
		}
		if got := b.Stats().Expired; got != [works]int64{SignUp: 1} {
			t.Errorf("Expired = %v", got)
		}
		time.Sleep(time.Second)
	})
}

func TestCancelledWhileWaiting(t *testing.T) {
	inBubble(t, BudgetSettings{InFlight: 1, Queue: 8}, func(t *testing.T, b *Budget) {
		go reserve(t, b, SignUp, 1).Run(t.Context(), hashing(2*time.Second))
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := reserve(t, b, SignUp, 2).Run(ctx, hashing(0)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Run = %v, want the context's error", err)
		}
		if err := reserve(t, b, SignUp, 2).Run(ctx, hashing(0)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Run with a context that has ended = %v", err)
		}
		time.Sleep(2 * time.Second)
	})
}

func TestRetryAfterIsTruthful(t *testing.T) {
	inBubble(t, BudgetSettings{InFlight: 2, PerNetwork: 1, Queue: 16}, func(t *testing.T, b *Budget) {
		for i := range 60 { // teaches it what a hash costs
			if err := reserve(t, b, SignIn, i).Run(t.Context(), hashing(2*time.Second)); err != nil {
				t.Fatal(err)
			}
		}
		for i := range 12 {
			go reserve(t, b, SignUp, i).Run(t.Context(), hashing(2*time.Second))
		}
		synctest.Wait() // two in flight, ten wait: two more fit
		held := []*Ticket{reserve(t, b, SignUp, 20), reserve(t, b, SignUp, 21)}
		start := time.Now()
		wait := refused(t, b, SignUp, 22).RetryAfter
		if want := 14 * time.Second; wait < want-time.Second || wait > want {
			t.Errorf("RetryAfter = %v for 14 hashes of 2s on two slots", wait)
		}
		for _, ticket := range held {
			go ticket.Run(t.Context(), hashing(2*time.Second))
		}
		time.Sleep(wait)
		reserve(t, b, SignUp, 22).Release()
		if s := b.Stats(); s.Waiting != 0 {
			t.Errorf("%d still wait after %v", s.Waiting, time.Since(start))
		}
		time.Sleep(time.Minute)
	})
}

func TestRetryAfterForOneNetwork(t *testing.T) {
	inBubble(t, BudgetSettings{InFlight: 4, PerNetwork: 1, Queue: 64}, func(t *testing.T, b *Budget) {
		for range 16 {
			go reserve(t, b, SignUp, 1).Run(t.Context(), hashing(time.Second))
			synctest.Wait()
		}
		last := reserve(t, b, SignUp, 1) // one in flight, sixteen places
		if wait, want := refused(t, b, SignUp, 1).RetryAfter, 17*firstMean; wait != want {
			t.Errorf("RetryAfter = %v, want %v: one after the other", wait, want)
		}
		last.Release()
		time.Sleep(20 * time.Second)
	})
}

func TestRunGivesBackWhateverHappens(t *testing.T) {
	inBubble(t, BudgetSettings{InFlight: 1, Queue: 8}, func(t *testing.T, b *Budget) {
		fault := errors.New("fault")
		ticket := reserve(t, b, SignIn, 1)
		if err := ticket.Run(t.Context(), func() error { return fault }); !errors.Is(err, fault) {
			t.Errorf("Run = %v", err)
		}
		if err := ticket.Run(t.Context(), hashing(0)); !errors.Is(err, errSpent) {
			t.Errorf("second Run = %v", err)
		}
		released := reserve(t, b, SignIn, 1)
		released.Release()
		if err := released.Run(t.Context(), hashing(0)); !errors.Is(err, errSpent) {
			t.Errorf("Run after Release = %v", err)
		}
		func() {
			defer func() { recover() }()
			reserve(t, b, SignIn, 1).Run(t.Context(), func() error { panic("fault") })
		}()
		if err := reserve(t, b, SignIn, 1).Run(t.Context(), hashing(0)); err != nil {
			t.Errorf("Run after a panic = %v", err)
		}
	})
}

func TestDefaults(t *testing.T) {
	s := BudgetSettings{}.withDefaults()
	if s.InFlight < 1 || s.Queue != DefaultQueuePerSlot*s.InFlight || s.Deadline != DefaultQueueDeadline || s.PerNetwork != 0 {
		t.Errorf("defaults are %+v", s)
	}
}

// Two thousand callers at once: what does not fit is refused at once, what fits is served in bounded time, and what is kept
// follows the queue and not the callers.
func TestCrowd(t *testing.T) {
	settings := BudgetSettings{InFlight: 2, PerNetwork: 2, Queue: 256, Deadline: 10 * time.Second}
	inBubble(t, settings, func(t *testing.T, b *Budget) {
		const callers = 2000
		start := time.Now()
		var wg sync.WaitGroup
		var mu sync.Mutex
		ran, atOnce := 0, 0
		for i := range callers {
			wg.Go(func() {
				ticket, err := b.Reserve(Work(i%2), networkOf(i%50))
				if err == nil {
					err = ticket.Run(t.Context(), hashing(40*time.Millisecond))
				}
				var overload *auth.OverloadError
				if err != nil && !errors.As(err, &overload) {
					t.Errorf("caller %d: %v", i, err)
				}
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					ran++
				} else if time.Since(start) == 0 {
					atOnce++
				}
			})
		}
		synctest.Wait()
		if s := b.Stats(); s.InFlight != 2 || s.Places < 254 || s.Places > 256 || b.known() > 50 {
			t.Errorf("in flight %d, places %d, networks %d", s.InFlight, s.Places, b.known())
		}
		wg.Wait()
		if ran < 256 || ran > 258 || ran+atOnce != callers || time.Since(start) > 258/2*40*time.Millisecond {
			t.Errorf("%d ran, %d were refused at once, after %v", ran, atOnce, time.Since(start))
		}
	})
}

// The same without a bubble, for the race detector and the lock.
func TestCrowdForReal(t *testing.T) {
	b := NewBudget(BudgetSettings{InFlight: 2, PerNetwork: 1, Queue: 64})
	var wg sync.WaitGroup
	for i := range 2000 {
		wg.Go(func() {
			ticket, err := b.Reserve(Work(i%2), networkOf(i%7))
			if err != nil {
				return
			}
			defer ticket.Release()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if i%3 == 0 {
				go cancel()
			}
			if err := ticket.Run(ctx, func() error { return nil }); err != nil && !errors.Is(err, context.Canceled) {
				t.Errorf("Run: %v", err)
			}
		})
	}
	wg.Wait()
	if s := b.Stats(); s.InFlight != 0 || s.Places != 0 || s.Waiting != 0 || b.known() != 0 {
		t.Errorf("left behind: %+v", s)
	}
}

func BenchmarkBudget(b *testing.B) {
	budget := NewBudget(BudgetSettings{})
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			ticket, err := budget.Reserve(SignUp, networkOf(1))
			if err != nil {
				b.Fatal(err)
			}
			if err := ticket.Run(b.Context(), func() error { return nil }); err != nil {
				b.Fatal(err)
			}
			ticket.Release()
		}
	})
}

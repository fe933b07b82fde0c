package password

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// orderServed runs callers one after the other on one slot and gives the order they were served in.
func orderServed(t *testing.T, b *Budget, callers []Work, network func(i int) int) []int {
	t.Helper()
	go reserve(t, b, SignIn, 999).Run(t.Context(), hashing(time.Second))
	synctest.Wait()
	var wg sync.WaitGroup
	var order []int // the slot is its lock
	for i, w := range callers {
		ticket := reserve(t, b, w, network(i))
		wg.Go(func() {
			ticket.Run(t.Context(), func() error { order = append(order, i); return nil })
		})
		synctest.Wait()
	}
	wg.Wait()
	return order
}

func TestSignInsGoFourToOne(t *testing.T) {
	inBubble(t, BudgetSettings{InFlight: 1, PerNetwork: 1, Queue: 64}, func(t *testing.T, b *Budget) {
		callers := append(slices.Repeat([]Work{SignUp}, 10), slices.Repeat([]Work{SignIn}, 10)...)
		var got []Work
		for _, i := range orderServed(t, b, callers, func(i int) int { return i }) {
			got = append(got, callers[i])
		}
		want := []Work{
			SignIn, SignIn, SignIn, SignIn, SignUp, SignIn, SignIn, SignIn, SignIn, SignUp, SignIn, SignIn,
			SignUp, SignUp, SignUp, SignUp, SignUp, SignUp, SignUp, SignUp,
		}
		if !slices.Equal(got, want) {
			t.Errorf("served %v, want %v", got, want)
		}
	})
}

func TestNetworksTakeTurns(t *testing.T) {
	inBubble(t, BudgetSettings{InFlight: 1, PerNetwork: 1, Queue: 64}, func(t *testing.T, b *Budget) {
		networks := []int{1, 1, 1, 1, 2, 2, 3}
		callers := slices.Repeat([]Work{SignUp}, len(networks))
		got := orderServed(t, b, callers, func(i int) int { return networks[i] })
		if want := []int{0, 4, 6, 1, 5, 2, 3}; !slices.Equal(got, want) {
			t.Errorf("served %v, want %v", got, want)
		}
	})
}

// A network that has all it may have in flight does not hold up the ones behind it.
func TestBlockedNetworkIsPassedOver(t *testing.T) {
	inBubble(t, BudgetSettings{InFlight: 2, PerNetwork: 1, Queue: 64}, func(t *testing.T, b *Budget) {
		go reserve(t, b, SignUp, 1).Run(t.Context(), hashing(time.Minute/10))
		go reserve(t, b, SignUp, 2).Run(t.Context(), hashing(time.Second))
		synctest.Wait()
		go reserve(t, b, SignIn, 1).Run(t.Context(), hashing(0))
		synctest.Wait()
		start := time.Now()
		if err := reserve(t, b, SignUp, 3).Run(t.Context(), hashing(0)); err != nil || time.Since(start) != time.Second {
			t.Errorf("Run = %v after %v, want a second", err, time.Since(start))
		}
		time.Sleep(time.Minute)
	})
}

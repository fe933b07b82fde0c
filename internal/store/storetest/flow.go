package storetest

import (
	"fmt"
	"testing"
	"time"

	"gatehouse/auth"
)

func (f *fixture) flow(id string) auth.Flow {
	return auth.Flow{ID: auth.FlowID(id), Network: "192.0.2.1", Sealed: []byte{0, 255, 7}, Expires: f.now.Add(auth.FlowLifetime)}
}

func testFlows(t *testing.T, f *fixture) {
	ctx := t.Context()
	_, err := f.ClaimFlow(ctx, "a")
	f.refused("claim nothing", err, auth.ErrNotFound)
	_, err = f.PeekFlow(ctx, "a")
	f.refused("peek at nothing", err, auth.ErrNotFound)
	f.try("end nothing", f.EndFlow(ctx, "a"))

	flow := f.flow("a")
	f.try("put", f.PutFlow(ctx, flow))
	got, err := f.PeekFlow(ctx, "a")
	f.try("peek", err)
	f.want("peek", got, flow)
	got, err = f.ClaimFlow(ctx, "a")
	f.try("claim", err)
	flow.Tries = 1
	f.want("claim", got, flow)
	_, err = f.ClaimFlow(ctx, "a")
	f.refused("claim again", err, auth.ErrNotFound)
	_, err = f.PeekFlow(ctx, "a")
	f.refused("peek at a claimed one", err, auth.ErrNotFound)

	flow.Sealed = []byte("next")
	f.try("put back", f.PutFlow(ctx, flow))
	got, err = f.PeekFlow(ctx, "a")
	f.try("peek", err)
	f.want("put back", got, flow)
	f.try("end", f.EndFlow(ctx, "a"))
	_, err = f.ClaimFlow(ctx, "a")
	f.refused("claim an ended one", err, auth.ErrNotFound)

	flow.Sealed = make([]byte, auth.MaxFlowState)
	f.try("largest", f.PutFlow(ctx, flow))
	flow.Sealed = make([]byte, auth.MaxFlowState+1)
	if err := f.PutFlow(ctx, flow); err == nil {
		t.Error("a state over the limit was stored")
	}
}

// testFlowBounds: tries, time, and flows of a network, from both sides.
func testFlowBounds(t *testing.T, f *fixture) {
	ctx := t.Context()
	flow := f.flow("tries")
	flow.Network = "elsewhere"
	for i := 1; i <= auth.MaxFlowTries; i++ {
		f.try("put", f.PutFlow(ctx, flow))
		got, err := f.ClaimFlow(ctx, flow.ID)
		f.try("claim", err)
		f.want("tries", got.Tries, i)
		flow = got
	}
	f.try("put", f.PutFlow(ctx, flow))
	_, err := f.ClaimFlow(ctx, flow.ID)
	f.refused("one try too many", err, auth.ErrNotFound)
	_, err = f.PeekFlow(ctx, flow.ID)
	f.refused("peek at one out of tries", err, auth.ErrNotFound)

	f.try("put", f.PutFlow(ctx, f.flow("0")))
	f.pass(auth.FlowLifetime - time.Microsecond)
	_, err = f.PeekFlow(ctx, "0")
	f.try("just before the end", err)
	f.pass(time.Microsecond)
	_, err = f.PeekFlow(ctx, "0")
	f.refused("peek at the end", err, auth.ErrNotFound)
	_, err = f.ClaimFlow(ctx, "0")
	f.refused("claim at the end", err, auth.ErrNotFound)

	for i := range auth.MaxFlowsPerNetwork {
		f.try("fill the network", f.PutFlow(ctx, f.flow(fmt.Sprint("n", i))))
	}
	f.refused("one flow too many", f.PutFlow(ctx, f.flow("late")), auth.ErrTooManyFlows)
	f.try("one that is there", f.PutFlow(ctx, f.flow("n3")))
	other := f.flow("other")
	other.Network = "2001:db8::/64"
	f.try("another network", f.PutFlow(ctx, other))
	moved := f.flow("other")
	f.try("one that is there, from a full network", f.PutFlow(ctx, moved))
	_, err = f.ClaimFlow(ctx, "n4")
	f.try("claim", err)
	f.refused("claimed ones count", f.PutFlow(ctx, f.flow("late")), auth.ErrTooManyFlows)
	f.try("end", f.EndFlow(ctx, "n4"))
	f.try("in the freed place", f.PutFlow(ctx, f.flow("late")))
	f.refused("full again", f.PutFlow(ctx, f.flow("later")), auth.ErrTooManyFlows)
	f.pass(auth.FlowLifetime)
	f.try("expired ones do not count", f.PutFlow(ctx, f.flow("later")))
}

func testFlowRaces(t *testing.T, f *fixture) {
	ctx := t.Context()
	f.try("put", f.PutFlow(ctx, f.flow("a")))
	errs := together(50, func(int) error { _, err := f.ClaimFlow(ctx, "a"); return err })
	good, refused, other := count(errs, auth.ErrNotFound)
	f.want("claims", []any{good, refused, other}, []any{1, 49, nil})
	f.try("end", f.EndFlow(ctx, "a"))

	errs = together(40, func(i int) error { return f.PutFlow(ctx, f.flow(fmt.Sprint("n", i))) })
	good, refused, other = count(errs, auth.ErrTooManyFlows)
	f.want("flows of one network", []any{good, refused, other}, []any{10, 30, nil})

	errs = together(40, func(i int) error {
		flow := f.flow("same")
		flow.Network = fmt.Sprint("net", i%3)
		return f.PutFlow(ctx, flow)
	})
	good, _, other = count(errs, nil)
	f.want("one flow put by many", []any{good, other}, []any{40, nil})
}

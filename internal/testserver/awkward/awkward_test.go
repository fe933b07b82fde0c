package awkward

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"testing"

	"gatehouse/auth"
	"gatehouse/auth/authtest"
)

// All that is added keeps what every provider promises.
func TestSuite(t *testing.T) {
	for n := range uint64(20) {
		m := New(n, "http://127.0.0.1/_elsewhere")
		var c auth.Config
		m.Providers(&c)
		for _, p := range []auth.Provider{c.Subject[0], c.Secondary[0], c.Secondary[1]} {
			t.Run(fmt.Sprint(n, p.ID()), func(t *testing.T) {
				authtest.Run(t, authtest.Case{New: func(*testing.T) auth.Provider { return p }, Submission: filled(t, p)})
			})
		}
	}
}

// filled answers every request that p shows.
func filled(t *testing.T, p auth.Provider) map[string]string {
	t.Helper()
	requests, err := p.Requests(t.Context(), auth.Options{Action: auth.ActionCreate})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, r := range requests {
		for _, f := range r.Fields {
			switch {
			case f.Type == auth.FieldNull:
			case len(f.Options) > 0:
				out[f.Name] = f.Options[0].Value
			default:
				out[f.Name] = "1"
			}
		}
	}
	return out
}

func TestRearranged(t *testing.T) {
	const document = `{"a":[3,1,2],"requests":[{"id":"One\\Two","fields":{"b":{"x":1.50},"c":{}}},{"id":"é\u00e9"}],"id":"stays","n":null}`
	m := New(7, "")
	orders := map[string]bool{}
	for i := range 20 {
		text := []byte(fmt.Sprintf(`%s,"i":%d}`, document[:len(document)-1], i))
		out := m.rearranged(text)
		if again := m.rearranged(text); !bytes.Equal(out, again) {
			t.Fatalf("the same document comes out as\n%s\n%s", out, again)
		}
		orders[string(out)] = true
		checkRearranged(t, out)
	}
	if len(orders) != 20 {
		t.Errorf("%d orders", len(orders))
	}
	for _, text := range []string{``, `{`, `{"a":}`, `[1,`, `no`, `/**/callback({})`} {
		if out := m.rearranged([]byte(text)); string(out) != text {
			t.Errorf("%q comes out as %q", text, out)
		}
	}
}

func checkRearranged(t *testing.T, out []byte) {
	t.Helper()
	var got struct {
		A        []int
		Requests []map[string]any
		ID       string
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	ids := map[any]bool{}
	for _, r := range got.Requests {
		ids[r["id"]] = true
		if len(r) < 2 {
			t.Errorf("no novelty in %v", r)
		}
	}
	prefix := newPlan(7).prefix
	if !reflect.DeepEqual(got.A, []int{3, 1, 2}) || got.ID != "stays" || !ids[prefix+`One\Two`] || !ids[prefix+"éé"] || !bytes.Contains(out, []byte("1.50")) {
		t.Errorf("it came out as %s", out)
	}
}

// One good token in twenty is refused, and never two in a row.
func TestTokens(t *testing.T) {
	m, refused, last := New(1, ""), 0, false
	for range 4000 {
		now := m.refusesToken()
		if now {
			refused++
		}
		if now && last {
			t.Fatal("two in a row")
		}
		last = now
	}
	if refused < 140 || refused > 260 {
		t.Errorf("%d of 4000 are refused", refused)
	}
}

func TestSlowness(t *testing.T) {
	m, slow := New(1, ""), 0
	for range 1000 {
		d := m.slowness()
		if d > slowest {
			t.Fatalf("it waits %v", d)
		}
		if d > 0 {
			slow++
		}
	}
	if slow < 80 || slow > 180 {
		t.Errorf("%d of 1000 are slow", slow)
	}
}

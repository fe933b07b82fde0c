// Package awkward makes a test server strange in ways that the protocol allows and that real sites have been: other ids of
// requests, other orders, fields nobody expects, steps nobody expects, tokens that went stale, slow answers. A client that
// survives it reads what the server says instead of what it said last year.
//
// All of it follows from one number: two servers with the same seed are strange in the same way. A Mode stands in three
// places: among the providers (fields and steps), before the product (tokens, delays, names of requests) and behind it (the
// order and names in its JSON). The product knows of none of them. Neighbours: package call changes parameters on their way.
package awkward

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"gatehouse/auth"
)

// Mode is one way to be strange. It is safe for concurrent use; what it does to the n-th request follows from n, so clients
// that want two runs to be alike ask one after the other.
type Mode struct {
	seed uint64
	// elsewhere is the absolute address of the third party that steps redirect to.
	elsewhere string
	plan      plan

	mu       sync.Mutex
	requests uint64
	tokens   uint64
	refused  bool // the last token was
}

// New gives the mode of a seed. elsewhere is where Elsewhere is served.
func New(seed uint64, elsewhere string) *Mode {
	return &Mode{seed: seed, elsewhere: elsewhere, plan: newPlan(seed)}
}

// plan is what a seed decides once.
type plan struct {
	// prefix is what the ids of requests begin with.
	prefix string
	// extra are fields that may be left out, terms one that may not; nil = there is none.
	extra  []auth.Request
	terms  *auth.Request
	before stepPlan
	after  stepPlan
}

func newPlan(seed uint64) plan {
	r := rand.New(rand.NewPCG(seed, 0x61776b77617264))
	p := plan{prefix: fmt.Sprintf(`MediaWiki\Extension\Moved%03x\Auth\`, r.IntN(1<<12))}
	for i := range 1 + r.IntN(3) {
		p.extra = append(p.extra, extraRequest(r, i))
	}
	// One thing at least stands in the way of a client that expects none; the others do or do not.
	must := r.IntN(3)
	if must == 0 || r.IntN(2) == 0 {
		terms := termsRequest(r)
		p.terms = &terms
	}
	p.before = newStepPlan(r, "before", must == 1)
	p.after = newStepPlan(r, "after", must == 2)
	return p
}

// Providers adds the strange fields and steps to what a Manager runs.
func (m *Mode) Providers(c *auth.Config) {
	c.Subject = append(c.Subject, fields{m.plan.extra, m.plan.terms})
	order := rand.New(rand.NewPCG(m.seed, 1))
	order.Shuffle(len(c.Subject), func(i, j int) { c.Subject[i], c.Subject[j] = c.Subject[j], c.Subject[i] })
	c.Secondary = append(c.Secondary, step{mode: m, plan: m.plan.before, before: true}, step{mode: m, plan: m.plan.after})
}

// digest derives something from the seed and what is named.
func (m *Mode) digest(parts ...string) [sha256.Size]byte {
	h := sha256.New()
	var number [8]byte
	binary.BigEndian.PutUint64(number[:], m.seed)
	h.Write(number[:])
	for _, part := range parts {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// number derives a number below n.
func (m *Mode) number(n uint64, parts ...string) uint64 {
	d := m.digest(parts...)
	return binary.BigEndian.Uint64(d[:]) % n
}

func (m *Mode) code(parts ...string) string {
	d := m.digest(parts...)
	return hex.EncodeToString(d[:8])
}

// What is slow and how often tokens are refused.
const (
	slowOneIn    = 8
	slowest      = 40 * time.Millisecond
	refusedOneIn = 20
)

// slowness is how long the next request waits.
func (m *Mode) slowness() time.Duration {
	m.mu.Lock()
	m.requests++
	n := fmt.Sprint(m.requests)
	m.mu.Unlock()
	if m.number(slowOneIn, "slow", n) != 0 {
		return 0
	}
	return time.Duration(1+m.number(uint64(slowest/time.Millisecond), "delay", n)) * time.Millisecond
}

// refusesToken reports whether the next token is refused; never two in a row, so that a client that fetches another one gets
// through.
func (m *Mode) refusesToken() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.tokens++
	m.refused = !m.refused && m.number(refusedOneIn, "token", fmt.Sprint(m.tokens)) == 0
	return m.refused
}

// Elsewhere is the third party of a redirect step: it sends the browser back with a code, and nowhere but where the step said.
func (m *Mode) Elsewhere() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		to, field, code := q.Get("to"), q.Get("as"), q.Get("code")
		target, ok := withParam(to, field, code)
		if !ok || code != m.code("code", to, field) {
			http.Error(w, "Nobody was sent here with this address.", http.StatusBadRequest)
			return
		}
		http.Redirect(w, r, target, http.StatusFound)
	})
}

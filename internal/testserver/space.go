package testserver

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"gatehouse"
	"gatehouse/auth"
	"gatehouse/internal/seam"
	"gatehouse/internal/testserver/awkward"
	"gatehouse/internal/testserver/fault"
)

// order is what a space is to be.
type order struct {
	cfg           gatehouse.Config
	scenario      Scenario
	seed, awkward *uint64
	// inside says that the space carries an OpenID provider.
	inside bool
}

// space is one server with a control API of its own. What a reset begins anew is its generation.
type space struct {
	server *Server
	name   string
	// path is where it stands, without a slash at the end; "" for the first.
	path    string
	order   order
	control http.Handler

	mu      sync.Mutex
	current *generation
}

// generation is a space from one reset to the next.
type generation struct {
	staged   *gatehouse.Staged
	operator *gatehouse.Operator
	product  http.Handler
	clock    *clock
	faults   *fault.Queue
	strange  *awkward.Mode // nil = it behaves as usual
	third    *thirdParty   // nil = there is none inside
	// requests are those that are being answered: the store ends after them.
	requests sync.WaitGroup
}

// spacePrefix is where spaces stand that were made.
const spacePrefix = "/s/"

func (s *Server) newSpace(ctx context.Context, name string, o order) (*space, error) {
	sp := &space{server: s, name: name, order: o}
	if name != "" {
		sp.path = spacePrefix + name
		sp.order.cfg.Site.ID += "-" + name // cookies of several spaces live side by side in one jar
	}
	c := &sp.order.cfg
	c.Server.PublicURL = s.public
	c.Server.ScriptPath, c.Server.ArticlePath = sp.path+c.Server.ScriptPath, sp.path+c.Server.ArticlePath
	if o.scenario == Full && len(c.OIDC) == 0 {
		c.OIDC, sp.order.inside = openidSettings(sp.base()+openidPath), true
	}
	sp.control = sp.newControl()
	var err error
	sp.current, err = sp.begin(ctx)
	return sp, err
}

// base is the space's address, without a slash at the end.
func (sp *space) base() string { return sp.server.public + sp.path }

// begin builds the space anew.
func (sp *space) begin(ctx context.Context) (*generation, error) {
	g := &generation{clock: &clock{still: sp.server.options.Start}, faults: &fault.Queue{}}
	if sp.order.awkward != nil {
		g.strange = awkward.New(*sp.order.awkward, sp.base()+elsewherePath)
	}
	random := unseeded
	if sp.order.seed != nil {
		random = seeded(*sp.order.seed, sp.name).part
		if g.clock.still.IsZero() {
			g.clock.still = Epoch()
		}
	}
	var err error
	outgoing := http.RoundTripper(nil)
	if sp.order.inside {
		if g.third, err = sp.server.newThirdParty(sp, g.clock.Now, random("openid provider")); err != nil {
			return nil, err
		}
		outgoing = g.third
	}
	g.staged, err = gatehouse.NewStaged(ctx, sp.order.cfg, gatehouse.Options{Logger: sp.server.log}, seam.Seam{
		Clock: g.clock.Now, Random: random, Outgoing: outgoing, Providers: func(c *auth.Config) {
			providers(c)
			if g.strange != nil {
				g.strange.Providers(c)
			}
		},
	})
	if err != nil {
		return nil, err
	}
	if g.operator, err = g.staged.Operator(); err != nil {
		return nil, err
	}
	readOnly, err := g.staged.ReadOnly("The test server was told to be read-only.")
	if err != nil {
		return nil, err
	}
	g.product = sp.beside(g, g.faults.Handler(sp.around(g, g.staged.Handler()), sp.around(g, readOnly)))
	return g, nil
}

// providers adds what faults refuse with, and takes the limit on open flows away.
func providers(c *auth.Config) {
	c.Pre = append([]auth.PreProvider{fault.Provider{}}, c.Pre...)
	c.Flows = unlimitedFlows{c.Flows}
}

// unlimitedFlows counts every flow as one of another network: all clients of a test server come from one.
type unlimitedFlows struct{ auth.FlowStore }

// PutFlow implements auth.FlowStore.
func (u unlimitedFlows) PutFlow(ctx context.Context, f auth.Flow) error {
	f.Network = "test " + string(f.ID)
	return u.FlowStore.PutFlow(ctx, f)
}

// around is the product as clients meet it.
func (sp *space) around(g *generation, product http.Handler) http.Handler {
	h := sp.atHome(product)
	if g.strange != nil {
		h = g.strange.Handler(h)
	}
	return h
}

// beside puts third parties beside the product.
func (sp *space) beside(g *generation, product http.Handler) http.Handler {
	mux := http.NewServeMux()
	if g.third != nil {
		mux.Handle(sp.path+openidPath+"/", g.third.handler)
	}
	if g.strange != nil {
		mux.Handle(sp.path+elsewherePath, g.strange.Elsewhere())
	}
	mux.Handle("/", product)
	return mux
}

// elsewherePath is where the third party of awkward steps stands, after the space's path.
const elsewherePath = "/_elsewhere"

// atHome answers for the space's own address with the first page, which a server has at the top alone.
func (sp *space) atHome(h http.Handler) http.Handler {
	if sp.path == "" {
		return h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == sp.path+"/" {
			r = r.Clone(r.Context())
			r.URL.Path = "/"
		}
		h.ServeHTTP(w, r)
	})
}

// enter gives the generation that answers a request; the caller leaves it with requests.Done.
func (sp *space) enter() *generation {
	sp.mu.Lock()
	defer sp.mu.Unlock()
	sp.current.requests.Add(1)
	return sp.current
}

// reset begins anew. Requests that are being answered end in the old generation.
func (sp *space) reset(ctx context.Context) error {
	next, err := sp.begin(ctx)
	if err != nil {
		return err
	}
	sp.mu.Lock()
	old := sp.current
	sp.current = next
	sp.mu.Unlock()
	go sp.end(old)
	return nil
}

func (sp *space) end(g *generation) {
	g.requests.Wait()
	if err := g.staged.Close(); err != nil {
		sp.server.log.Error("close a space", "space", sp.name, "error", err)
	}
}

func (sp *space) close() error {
	sp.mu.Lock()
	g := sp.current
	sp.mu.Unlock()
	g.requests.Wait()
	return g.staged.Close()
}

// ServeHTTP answers for the control API and for the product, under the space's time where net/http would write the machine's.
func (sp *space) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g := sp.enter()
	defer g.requests.Done()
	w.Header().Set("Date", g.clock.Now().UTC().Format(http.TimeFormat))
	if strings.HasPrefix(r.URL.Path, sp.path+controlPrefix) {
		sp.control.ServeHTTP(w, r)
		return
	}
	g.product.ServeHTTP(w, r)
}

// route finds the space that a request is for.
func (s *Server) route(w http.ResponseWriter, r *http.Request) {
	name := ""
	if rest, ok := strings.CutPrefix(r.URL.Path, spacePrefix); ok {
		if name, _, ok = strings.Cut(rest, "/"); !ok || name == "" {
			writeProblem(w, http.StatusNotFound, "nosuchspace", "A space's address ends with a slash: "+spacePrefix+"NAME/")
			return
		}
	}
	s.mu.Lock()
	sp := s.spaces[name]
	s.mu.Unlock()
	if sp == nil {
		writeProblem(w, http.StatusNotFound, "nosuchspace",
			"There is no such space. POST /_test/spaces makes one, GET /_test/spaces lists those there are.")
		return
	}
	sp.ServeHTTP(w, r)
}

// spaceName is what a space may be called: it becomes part of addresses and of cookies' names.
var spaceName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,31}$`)

// addSpace makes a space; an empty name becomes the next number.
func (s *Server) addSpace(ctx context.Context, name string, o order) (*space, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, errors.New("the server is closed")
	}
	for name == "" {
		if s.made++; s.spaces[strconv.Itoa(s.made)] == nil {
			name = strconv.Itoa(s.made)
		}
	}
	switch {
	case !spaceName.MatchString(name):
		return nil, refuse("a space's name has small letters, digits and -, at most 32")
	case s.spaces[name] != nil:
		return nil, refuse("there is a space %q already: DELETE /_test/spaces/%s ends it", name, name)
	case len(s.spaces) > s.options.MaxSpaces:
		return nil, refuse("there are %d spaces already: DELETE /_test/spaces/NAME ends one, --spaces allows more", s.options.MaxSpaces)
	}
	sp, err := s.newSpace(ctx, name, o)
	if err != nil {
		return nil, err
	}
	s.spaces[name] = sp
	return sp, nil
}

// removeSpace ends a space that was made, and reports whether there was one.
func (s *Server) removeSpace(name string) bool {
	s.mu.Lock()
	sp := s.spaces[name]
	if name == "" || sp == nil {
		s.mu.Unlock()
		return false
	}
	delete(s.spaces, name)
	s.mu.Unlock()
	sp.mu.Lock()
	last := sp.current
	sp.mu.Unlock()
	go sp.end(last)
	return true
}

package testserver

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"

	"gatehouse"
)

// toldSpace is a space with everything that a client has to be told.
type toldSpace struct {
	Name     string   `json:"name"`
	URL      string   `json:"url"`
	API      string   `json:"api"`
	Create   string   `json:"create"`
	Control  string   `json:"control"`
	Scenario Scenario `json:"scenario"`
	Seed     *uint64  `json:"seed"`
	Awkward  *uint64  `json:"awkward"`
}

func (sp *space) told() toldSpace {
	c := sp.order.cfg.Server
	public := sp.server.public
	return toldSpace{
		Name: sp.name, URL: sp.base() + "/", API: public + c.ScriptPath + "/api.php",
		Create: public + c.ArticlePath + "Special:CreateAccount", Control: sp.base() + controlPrefix,
		Scenario: sp.order.scenario, Seed: sp.order.seed, Awkward: sp.order.awkward,
	}
}

// onlyFirst: spaces are made and ended at the first space alone.
func (sp *space) onlyFirst() error {
	if sp.name == "" {
		return nil
	}
	return badCall("Spaces are made and ended at " + sp.server.public + controlPrefix + "spaces")
}

func (sp *space) serveSpaces(*http.Request, *generation) (any, error) {
	if err := sp.onlyFirst(); err != nil {
		return nil, err
	}
	s := sp.server
	s.mu.Lock()
	defer s.mu.Unlock()
	out := []toldSpace{}
	for _, name := range slices.Sorted(maps.Keys(s.spaces)) {
		out = append(out, s.spaces[name].told())
	}
	return struct {
		Spaces []toldSpace `json:"spaces"`
	}{out}, nil
}

// newSpaceCall is what a space can be asked to be; what is left out is as in the first.
type newSpaceCall struct {
	Name     string   `json:"name"`
	Scenario Scenario `json:"scenario"`
	Seed     *uint64  `json:"seed"`
	Awkward  *uint64  `json:"awkward"`
	Set      []string `json:"set"`
}

func (sp *space) serveNewSpace(r *http.Request, _ *generation) (any, error) {
	if err := sp.onlyFirst(); err != nil {
		return nil, err
	}
	o := sp.server.options
	call := newSpaceCall{Scenario: o.Scenario, Seed: o.Seed, Awkward: o.Awkward}
	const example = `{"name": "login-suite", "scenario": "plain", "seed": 7, "set": ["createaccount.email_required=true"]}`
	if err := readCall(r, &call, example); err != nil {
		return nil, err
	}
	if err := call.Scenario.check(); err != nil {
		return nil, err
	}
	cfg, err := sp.server.settingsOf(call)
	if err != nil {
		return nil, err
	}
	made, err := sp.server.addSpace(context.WithoutCancel(r.Context()), call.Name,
		order{cfg: cfg, scenario: call.Scenario, seed: call.Seed, awkward: call.Awkward})
	if err != nil {
		return nil, err
	}
	return made.told(), nil
}

// settable are the keys that a space may set for itself: what the product does, and nothing of where it stands.
func settable(key string) bool {
	for _, table := range []string{"site.", "createaccount.", "throttle.", "captcha.", "totp.", "groups."} {
		if strings.HasPrefix(key, table) {
			return key != "site.id"
		}
	}
	return slices.Contains([]string{"password.minimum_length", "password.mailed", "password.mailed_life", "mail.enabled"}, key)
}

// settingsOf gives the settings of a space: the process's, with another scenario and some keys of its own.
func (s *Server) settingsOf(call newSpaceCall) (gatehouse.Config, error) {
	sources := s.options.Sources
	sources.Defaults = call.Scenario.settings()
	sources.Flags = slices.Clone(sources.Flags)
	for _, pair := range call.Set {
		key, value, _ := strings.Cut(pair, "=")
		if !settable(strings.TrimSpace(key)) {
			return gatehouse.Config{}, badCall("A space may not set \"" + key + "\": it may set createaccount., throttle., captcha., totp., " +
				"groups. and site. (but not site.id), password.minimum_length, password.mailed, password.mailed_life and mail.enabled.")
		}
		sources.Flags = append(sources.Flags, gatehouse.Flag{Name: "set", Key: key, Value: value})
	}
	cfg, err := gatehouse.Load(sources)
	if err != nil {
		return cfg, badCall(err.Error())
	}
	if missing := cfg.Unbuilt(); len(missing) > 0 {
		return cfg, refuse("this version does not have %s", strings.Join(missing, ", "))
	}
	return cfg, notForTests(cfg)
}

func (sp *space) serveEndSpace(r *http.Request, _ *generation) (any, error) {
	if err := sp.onlyFirst(); err != nil {
		return nil, err
	}
	name := r.PathValue("name")
	if !sp.server.removeSpace(name) {
		return nil, notFound("nosuchspace", "There is no space \""+name+"\" that could end. GET /_test/spaces lists those there are.")
	}
	return done{true}, nil
}

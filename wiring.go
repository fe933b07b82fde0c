package gatehouse

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/actionapi"
	"gatehouse/internal/clientaddr"
	"gatehouse/internal/funnel"
	"gatehouse/internal/i18n"
	"gatehouse/internal/keyring"
	"gatehouse/internal/message"
	"gatehouse/internal/password"
	"gatehouse/internal/provider/confirmlink"
	"gatehouse/internal/provider/eventpass"
	"gatehouse/internal/provider/name"
	"gatehouse/internal/provider/reason"
	"gatehouse/internal/provider/remember"
	throttleprovider "gatehouse/internal/provider/throttle"
	"gatehouse/internal/provider/userdata"
	"gatehouse/internal/special"
	"gatehouse/internal/store"
	"gatehouse/internal/throttle"
	"gatehouse/internal/username"
	"gatehouse/internal/websession"
)

// rotateKeysEvery is how long a key signs. Flows and cookies outlive the change.
const rotateKeysEvery = 30 * 24 * time.Hour

// wire builds every part, in the order in which each needs the ones before it.
func (s *Server) wire(ctx context.Context, o Options) (err error) {
	s.tracing = newTracing(o.Tracing, s.cfg.TrustedNetworks())
	if s.store, err = store.Open(ctx, s.cfg.Store.URL.Reveal(), store.Options{Migrate: true, Clock: s.storeClock}); err != nil {
		return err
	}
	if s.keys, err = s.openKeys(ctx); err != nil {
		return err
	}
	if s.session, err = s.newSessions(); err != nil {
		return err
	}
	s.budget = password.NewBudget(password.BudgetSettings{
		InFlight: int(s.cfg.Password.HashesInFlight), PerNetwork: int(s.cfg.Password.HashesPerNetwork),
		MostWait: s.cfg.Password.HashWait.Duration(),
	})
	s.funnel = funnel.NewCounters()
	s.ledger = funnel.NewLedger(s.funnel, s.store, s.seam.Clock)
	s.metrics = newMetrics(s)
	texts, err := s.newTexts()
	if err != nil {
		return err
	}
	if err := s.wireMail(texts); err != nil {
		return err
	}
	names := username.NewRules(username.Options{SiteName: s.cfg.Site.Name})
	groups := s.cfg.GroupPolicy()
	c, err := s.newCredentials(names, groups)
	if err != nil {
		return err
	}
	if s.desk, err = s.newDesk(); err != nil {
		return err
	}
	if s.openid, err = s.newOpenID(); err != nil {
		return err
	}
	manager, err := s.newManager(names, groups, c)
	if err != nil {
		return err
	}
	s.edge = edge{manager: manager, credentials: c, names: names, clientAddr: s.clientAddr(o), texts: texts}
	s.handler, err = s.newHandler(s.edge)
	return err
}

// newTexts gives the texts of all languages for this site.
func (s *Server) newTexts() (*i18n.Catalogue, error) {
	texts, err := i18n.Load()
	if err != nil {
		return nil, fmt.Errorf("load messages: %w", err)
	}
	return texts.WithSite(message.Site{
		Name: s.cfg.Site.Name, Server: s.cfg.PublicURL(), ArticlePath: s.cfg.Server.ArticlePath,
	}), nil
}

func (s *Server) openKeys(ctx context.Context) (*keyring.Keyring, error) {
	keys, err := keyring.Open(ctx, keyring.Config{
		Store: s.store, MasterFile: s.cfg.KeyFile(), Site: s.cfg.Site.ID, PublicURL: s.cfg.PublicURL(),
		RotateEvery: rotateKeysEvery, ReadOnly: s.cfg.Site.ReadOnly != "", Clock: s.seam.Clock, Random: s.seam.Random("keys"), Logger: s.log,
	})
	if err != nil {
		return nil, fmt.Errorf("open keys: %w", err)
	}
	return keys, nil
}

func (s *Server) newSessions() (*websession.Manager, error) {
	return websession.New(websession.Config{
		Store: s.store, Keys: s.keys, Site: s.cfg.Site.ID, PublicURL: s.cfg.PublicURL(),
		CrossSite: len(s.cfg.CORS.Allow) > 0, ReadOnly: s.cfg.Site.ReadOnly != "", Clock: s.seam.Clock, Random: s.seam.Random("sessions"), Logger: s.log,
	})
}

// newManager is the map of providers: whoever adds one adds a line here.
func (s *Server) newManager(names *username.Rules, groups auth.GroupPolicy, c credentials) (*auth.Manager, error) {
	limits, err := s.newThrottle(groups, names)
	if err != nil {
		return nil, err
	}
	puzzles, err := s.newCaptcha(s.desk, names, groups)
	if err != nil {
		return nil, err
	}
	cfg := auth.Config{
		// The captcha stands first in the list of fields, and is tested last. A pass lifts the limits.
		Pre:       append(puzzles.pre, eventpass.New(s.store, s.seam.Clock), limits),
		Primary:   s.withPasskeys(c.passkeys, s.withOpenID(c.mailed, c.passwords)),
		Secondary: append(puzzles.step, c.factors, c.replaced, confirmlink.New(s.store), c.addresses),
		Subject: []auth.SubjectProvider{
			name.New(),
			userdata.New(userdata.Options{
				Email: s.cfg.Mail.Enabled, RealName: s.cfg.CreateAccount.RealName,
				EmailRequired: s.cfg.CreateAccount.EmailRequired || s.cfg.CreateAccount.EmailConfirmedRequired,
			}),
			reason.New(),
			remember.New(websession.RememberedFor),
		},
		ConfirmedOnly: s.cfg.CreateAccount.EmailConfirmedRequired,
		Accounts:      s.store, Changes: s.store, Moderation: s.store, Flows: s.store, Sealer: s.keys, Names: names, Groups: groups,
		NameChecks: throttle.NewLocal(rules(s.cfg.Throttle.Checks), s.seam.Clock),
		ReadOnly:   s.cfg.Site.ReadOnly, Logger: s.log, Observe: s.ended,
		Clock: s.seam.Clock, Random: s.seam.Random("creations"),
	}
	if s.tracing != nil {
		cfg.Trace = s.tracing.phase
	}
	s.seam.Providers(&cfg)
	return auth.NewManager(cfg)
}

func (s *Server) newThrottle(groups auth.GroupPolicy, names *username.Rules) (auth.PreProvider, error) {
	return throttleprovider.New(throttleprovider.Config{
		Store:     s.store,
		Creations: rules(s.cfg.Throttle.Creations),
		Total:     rules(s.cfg.Throttle.CreationsTotal),
		Attempts:  rules(s.cfg.Throttle.Attempts),
		Logins:    rules(s.cfg.Throttle.Logins),
		Names:     names,
		Allows:    groups.Allows,
		Logger:    s.log,
	})
}

func rules(limits []LimitConfig) throttle.Rules {
	out := make(throttle.Rules, len(limits))
	for i, l := range limits {
		out[i] = throttle.Rule{Count: l.Count, Per: l.Per.Duration(), NetworkFactor: l.NetworkFactor}
	}
	return out
}

// passwordSettings is how this configuration hashes; the operator's tool hashes alike.
func passwordSettings(p PasswordConfig) password.Settings {
	return password.Settings{
		Default: password.Kind(p.Hash), PBKDF2Iterations: int(p.PBKDF2Iterations), BcryptCost: int(p.BcryptCost),
		Argon2Memory: int(p.Argon2idMemory >> 10), Argon2Passes: int(p.Argon2idPasses), AllowWeak: p.AllowWeak,
	}
}

func (s *Server) clientAddr(o Options) func(*http.Request) netip.Addr {
	if o.ClientAddr != nil {
		return o.ClientAddr
	}
	return clientaddr.New(s.cfg.TrustedNetworks(), s.log).Addr
}

// edge is what both edges stand on.
type edge struct {
	manager *auth.Manager
	credentials
	names      *username.Rules
	clientAddr func(*http.Request) netip.Addr
	texts      *i18n.Catalogue
}

func (s *Server) newHandler(e edge) (http.Handler, error) {
	api, err := s.newAPI(e, e.texts)
	if err != nil {
		return nil, err
	}
	pages, err := s.newPages(e, e.texts)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	entry := s.cfg.Server.ScriptPath + "/api.php"
	mux.Handle(entry, api)
	mux.Handle(entry+"/", api)
	mux.Handle(s.cfg.Server.ScriptPath+"/openapi.json", api)
	mux.Handle("/", pages)
	// Nearly every call comes to the entry itself, and needs no choosing.
	direct := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == entry {
			api.ServeHTTP(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
	return s.tracing.requests(guarded(direct, s.log)), nil
}

// called is told of every call of the API.
func (s *Server) called(ctx context.Context, o actionapi.Observation) {
	s.metrics.call(o)
	s.tracing.called(ctx, o)
}

func (s *Server) newAPI(e edge, texts *i18n.Catalogue) (http.Handler, error) {
	cfg := actionapi.Config{
		Manager: e.manager, Sessions: s.session, Catalogue: texts, Names: e.names, Groups: s.cfg.GroupPolicy(),
		Accounts: s.store, Log: s.store, Blocks: s.store, Resets: e.mailed, Factors: e.factors,
		Site: actionapi.Site{
			Name: s.cfg.Site.Name, ID: s.cfg.Site.ID, Language: s.cfg.Site.Language,
			Server: s.cfg.PublicURL(), ScriptPath: s.cfg.Server.ScriptPath, ArticlePath: s.cfg.Server.ArticlePath,
		},
		ReadOnly: s.cfg.Site.ReadOnly, Private: s.cfg.Site.Private,
		HostName:              s.cfg.Server.HostName,
		CreateAccountDisabled: !s.cfg.CreateAccount.Enabled,
		CORS:                  actionapi.CORS{Allow: s.cfg.CORS.Allow, Except: s.cfg.CORS.Except},
		ClientAddr:            e.clientAddr, Clock: s.seam.Clock, Random: s.seam.Random("calls"), Logger: s.log, Observe: s.called, Funnel: s.funnel,
		SpecialPages: toldPages(), RateLimits: toldLimits(s.cfg.Throttle),
		Extensions: []actionapi.Extension{{Type: "other", Name: "OATHAuth"}},
	}
	if p := s.pictures(); p != nil {
		cfg.Captchas = p
	}
	if s.desk != nil {
		cfg.Extensions = append(cfg.Extensions, actionapi.Extension{Type: "antispam", Name: "ConfirmEdit"})
	}
	return actionapi.New(cfg)
}

func (s *Server) newPages(e edge, texts *i18n.Catalogue) (http.Handler, error) {
	cfg := special.Config{
		Manager: e.manager, Sessions: s.session, Catalogue: texts, Names: e.names,
		Accounts: s.store, Log: s.store, Passes: s.store,
		Factors: []auth.FactorKeeper{e.factors}, Apps: e.factors, Recovery: e.factors,
		Site: special.Site{
			Name: s.cfg.Site.Name, Language: s.cfg.Site.Language,
			Server: s.cfg.PublicURL(), ScriptPath: s.cfg.Server.ScriptPath, ArticlePath: s.cfg.Server.ArticlePath,
		},
		Vendors: s.cfg.pageVendors(),
		Version: Version, ReadOnly: s.cfg.Site.ReadOnly, Private: s.cfg.Site.Private,
		PasswordMinimum: int(s.cfg.Password.MinimumLength),
		ClientAddr:      e.clientAddr, Clock: s.seam.Clock, Random: s.seam.Random("pages"), Logger: s.log,
	}
	if p := s.pictures(); p != nil {
		cfg.Captchas = p
	}
	if e.passkeys != nil {
		cfg.Factors, cfg.Passkeys = append(cfg.Factors, e.passkeys), e.passkeys
	}
	if s.openid != nil {
		cfg.Arrivals, cfg.Identities, cfg.ReturnHosts = s.openid, s.store, s.cfg.CreateAccount.ReturnHosts
	}
	if s.mailsLinks() {
		cfg.Resets, cfg.Addresses = e.mailed, e.addresses
	}
	return special.New(s.withOperating(cfg, e.names))
}

package actionapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/i18n"
	"gatehouse/internal/websession"
)

// Accounts is what the modules read of accounts.
type Accounts interface {
	// AccountByName gives the account with this canonical name, or auth.ErrNotFound.
	AccountByName(ctx context.Context, name auth.Name) (auth.Account, error)
	// AccountsByName gives those of the names that exist, in any order.
	AccountsByName(ctx context.Context, names []auth.Name) ([]auth.Account, error)
	// AccountsByID gives those of the ids that exist, in any order.
	AccountsByID(ctx context.Context, ids []auth.AccountID) ([]auth.Account, error)
	// Accounts lists accounts by name.
	Accounts(ctx context.Context, q auth.AccountQuery) ([]auth.Account, error)
	// AccountCount counts all accounts, without reading them all each time.
	AccountCount(ctx context.Context) (int64, error)
	// GroupSize counts who was put into the group; exact is false where there are more than are counted.
	GroupSize(ctx context.Context, group string) (n int64, exact bool, err error)
}

// Log is what the modules read of the public log.
type Log interface {
	LogEntries(ctx context.Context, q auth.LogQuery) ([]auth.LogEntry, error)
}

// Blocks is what the modules read of blocks.
type Blocks interface {
	// BlocksOn gives the blocks that hit c now.
	BlocksOn(ctx context.Context, c auth.Creator) ([]auth.Block, error)
	// BlocksOnAccounts gives the blocks of accounts that hold now, oldest first.
	BlocksOnAccounts(ctx context.Context, ids []auth.AccountID) ([]auth.Block, error)
	// ListBlocks gives the blocks that q selects and that hold now.
	ListBlocks(ctx context.Context, q auth.BlockQuery) ([]auth.Block, error)
}

// Site is what the API tells of the site.
type Site struct {
	// Name is what people call it, ID the wiki id.
	Name, ID string
	// Language is the code of the site's language.
	Language string
	// Server is scheme and host, without a slash at the end.
	Server string
	// ScriptPath is the folder of api.php and index.php, without a slash at the end.
	ScriptPath string
	// ArticlePath is what titles follow, for example "/wiki/".
	ArticlePath string
	// Generator is what clients sniff; it has to begin with "MediaWiki 1.". Empty = "MediaWiki 1.43.0".
	Generator string
	// MainPage is the title of the first page. Empty = "Main Page".
	MainPage string
}

// CORS says whose pages may use the API with cookies: hosts, in which * stands for any run of characters and ? for one.
type CORS struct{ Allow, Except []string }

// Observation is one finished call, for metrics.
type Observation struct {
	// Module is the action, "" where none was recognised.
	Module string
	// Code is the first API error code, or the status of an authentication module ("PASS", "FAIL", …), or "ok".
	Code     string
	Status   int
	Duration time.Duration
}

// Config is what the API stands on. Everything but the fields marked optional is needed.
type Config struct {
	Manager   *auth.Manager
	Sessions  *websession.Manager
	Catalogue *i18n.Catalogue
	Names     auth.Names
	Groups    auth.GroupPolicy
	Accounts  Accounts
	Log       Log
	Blocks    Blocks
	Site      Site
	// Resets mails new passwords; nil = the site mails none.
	Resets auth.PasswordResetter
	// Captchas makes pictures anew; nil = the site has none.
	Captchas Captchas
	// Factors tells of second factors; nil = nobody has any.
	Factors SecondFactors
	// HostName is what servedby and errors tell of the machine; empty = nothing.
	HostName string
	// ReadOnly is why nothing may be written; empty = writing is fine.
	ReadOnly string
	// Private sites let nobody read without the right "read".
	Private bool
	// CreateAccountDisabled answers createaccount as a site does that switched the module off.
	CreateAccountDisabled bool
	CORS                  CORS

	// ClientAddr gives the address a request came from, proxies considered.
	ClientAddr func(*http.Request) netip.Addr
	Clock      func() time.Time
	// Random makes request ids.
	Random io.Reader
	Logger *slog.Logger
	// Observe is told of every call, with the request's context; optional.
	Observe func(context.Context, Observation)
	// Funnel is told of creations; optional.
	Funnel Funnel

	// SpecialPages are the pages of the site, Extensions what is in force of the reference's extensions, and RateLimits what
	// callers are told of limits. All three are only told; none is fine.
	SpecialPages []SpecialPage
	Extensions   []Extension
	RateLimits   []RateLimit
}

// check names the first part that is missing.
func (c Config) check() error {
	missing := func(what string) error { return fmt.Errorf("configure action API: no %s", what) }
	switch {
	case c.Manager == nil:
		return missing("manager")
	case c.Sessions == nil:
		return missing("sessions")
	case c.Catalogue == nil:
		return missing("catalogue")
	case c.Names == nil:
		return missing("name rules")
	case c.Accounts == nil || c.Log == nil || c.Blocks == nil:
		return missing("store")
	case c.ClientAddr == nil || c.Clock == nil || c.Random == nil || c.Logger == nil:
		return missing("surroundings")
	case c.Site.Language == "":
		return errors.New("configure action API: no site language")
	}
	return nil
}

// New builds the handler of api.php. It answers every path under Site.ScriptPath + "/api.php", and the document that
// describes the API under Site.ScriptPath + "/openapi.json". It is safe for concurrent use.
func New(c Config) (http.Handler, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if c.Site.Generator == "" {
		c.Site.Generator = "MediaWiki 1.43.0"
	}
	if c.Resets == nil {
		c.Resets = noResets{}
	}
	if c.Factors == nil {
		c.Factors = noFactors{}
	}
	if c.Funnel == nil {
		c.Funnel = noFunnel{}
	}
	if c.Site.MainPage == "" {
		c.Site.MainPage = "Main Page"
	}
	path := c.Site.ScriptPath + "/api.php"
	a := &api{Config: c, path: path, url: c.Site.Server + path, formats: formats(), pagePolicy: stylePolicy(pageStyle)}
	a.readable = !c.Private && c.Groups.Allows(auth.Account{}, auth.RightRead)
	if err := a.chooseLanguages(); err != nil {
		return nil, err
	}
	var err error
	if a.manuals, err = newManualPages(); err != nil {
		return nil, err
	}
	formats := formatModules(a.formats)
	a.spaces, a.specialPages, a.siteFacts = newNamespaces(c.Site.Name), newSpecialPages(c.SpecialPages), siteFacts()
	a.metas = []*module{queryAllMessages(), queryAuthManagerInfo(), queryOATH(), querySiteInfo(), queryTokens(), queryUserInfo()}
	a.lists = []*module{queryAllUsers(c.Groups), queryBlocks(), queryLogEvents(), queryUsers()}
	a.actions = []*module{
		login(), clientLogin(), logout(), createAccount(c.CreateAccountDisabled),
		linkAccount(), unlinkAccount(), changeAuthenticationData(), removeAuthenticationData(), resetPassword(), query(a.metas, a.lists), help(),
		paramInfo(append(slices.Clone(a.metas), a.lists...), formats),
		checkTokenModule(), validatePasswordModule(), clearHasMsg(), block(), unblock(), userRights(c.Groups), oathValidate(),
	}
	if c.Captchas != nil {
		a.actions = append(a.actions, fancyCaptchaReload())
	}
	a.main = mainParams(a.actions, formats)
	a.root = mainManual(a.main)
	a.description = sync.OnceValue(a.describe)
	return a, nil
}

func (a *api) chooseLanguages() error {
	var ok bool
	if a.siteLanguage, ok = a.Catalogue.Language(a.Site.Language); !ok {
		return fmt.Errorf("configure action API: unknown site language %q", a.Site.Language)
	}
	if a.english, ok = a.Catalogue.Language("en"); !ok {
		return errors.New("configure action API: no texts in English")
	}
	return nil
}

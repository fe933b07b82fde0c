package special

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/i18n"
	"gatehouse/internal/websession"
)

// Accounts is what the pages read of accounts.
type Accounts interface {
	// AccountByName gives the account with this canonical name, or auth.ErrNotFound.
	AccountByName(ctx context.Context, name auth.Name) (auth.Account, error)
	// SetLanguage keeps the code of the language that the account is told things in; no account is fine.
	SetLanguage(ctx context.Context, id auth.AccountID, code string) error
}

// Log is what the pages read of the public log.
type Log interface {
	LogEntries(ctx context.Context, q auth.LogQuery) ([]auth.LogEntry, error)
}

// Site is what the pages tell of the site.
type Site struct {
	// Name is what people call it.
	Name string
	// Language is the code of the site's language.
	Language string
	// Server is scheme and host as browsers see them, without a slash at the end.
	Server string
	// ScriptPath is the folder of api.php and index.php, without a slash at the end.
	ScriptPath string
	// ArticlePath is what titles follow, for example "/wiki/".
	ArticlePath string
}

// Config is what the pages stand on. Everything but the fields marked optional is needed.
type Config struct {
	Manager   *auth.Manager
	Sessions  *websession.Manager
	Catalogue *i18n.Catalogue
	Names     auth.Names
	Accounts  Accounts
	Log       Log
	Passes    Passes
	Site      Site
	// Blocks, Mail, Limits and Figures are what the pages of operators look after.
	Blocks  Blocks
	Mail    MailQueue
	Limits  Limits
	Figures Figures
	// Funnel is told of creations; optional.
	Funnel Funnel
	// Version is the program's; optional.
	Version string
	// Resets mails new passwords, Addresses confirms and changes addresses; optional, a site without mail has neither.
	Resets    auth.PasswordResetter
	Addresses auth.AddressKeeper
	// Vendors are the companies that show puzzles, by what metadata calls their kind; optional.
	Vendors map[string]Vendor
	// Captchas draws the puzzles; optional, most kinds have nothing to draw.
	Captchas Captchas
	// Arrivals meets browsers that come back from third parties, and ReturnHosts are the hosts (with a port where it is not the
	// usual one) that a browser without the flow's cookie may be led to from there; Identities are what is linked. Optional.
	Arrivals    auth.Arrivals
	ReturnHosts []string
	Identities  auth.IdentityStore
	// Factors keep the second factors of each kind; Apps sets up authenticator apps, Recovery makes the codes that stand in for
	// them. Optional: without Factors there are none to be seen, without Apps or Recovery no new ones.
	Factors  []auth.FactorKeeper
	Apps     auth.AppKeeper
	Recovery auth.RecoveryKeeper
	// Passkeys adds passkeys; optional.
	Passkeys auth.PasskeyKeeper
	// ReadOnly is why nothing may be written; empty = writing is fine. What the Manager does it refuses itself.
	ReadOnly string
	// Private sites let nobody read without an account; accounts may still be made.
	Private bool
	// PasswordMinimum is the shortest password in code points, told before typing; optional, 0 tells nothing.
	PasswordMinimum int
	// RedirectOrigins are scheme and host of third parties to which a creation or sign-in may send the browser straight
	// from a form, for example "https://openid.example.net"; optional. To any other the visitor is led by a link.
	RedirectOrigins []string

	// ClientAddr gives the address a request came from, proxies considered.
	ClientAddr func(*http.Request) netip.Addr
	Clock      func() time.Time
	// Random makes the references under which faults are logged.
	Random io.Reader
	Logger *slog.Logger
}

// check names the first part that is missing.
func (c Config) check() error {
	missing := func(what string) error { return fmt.Errorf("configure pages: no %s", what) }
	switch {
	case c.Manager == nil:
		return missing("manager")
	case c.Sessions == nil:
		return missing("sessions")
	case c.Catalogue == nil:
		return missing("catalogue")
	case c.Names == nil:
		return missing("name rules")
	case c.Accounts == nil || c.Log == nil || c.Passes == nil || c.Blocks == nil:
		return missing("store")
	case c.Mail == nil || c.Limits == nil || c.Figures == nil:
		return missing("mail, limits or figures")
	case c.ClientAddr == nil || c.Clock == nil || c.Random == nil || c.Logger == nil:
		return missing("surroundings")
	case c.Site.Language == "":
		return errors.New("configure pages: no site language")
	}
	return nil
}

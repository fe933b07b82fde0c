package actionapi

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/actionapi/result"
	"gatehouse/internal/i18n"
	"gatehouse/internal/message"
	"gatehouse/internal/websession"
)

// mainModule is the path of what does not belong to a module.
const mainModule = "main"

// call is one request on its way through the API. It belongs to one goroutine.
type call struct {
	api   *api
	ctx   context.Context
	r     *http.Request
	in    *input
	began time.Time
	// id names the request in answers and logs.
	id string
	// header is the answer's.
	header http.Header

	session *websession.Session
	// creator is who calls: nobody where the same-origin protection is lost.
	creator auth.Creator
	// suppressed says that other sites' pages can read the answer.
	suppressed bool
	// foreign says that a page asks whose site is not allowed to.
	foreign bool

	main   []value
	module *module
	args   []value
	// room holds all that is the call's; free and freeMembers are what is left of it.
	room        *room
	free        []value
	freeMembers []result.Member
	format      *format
	// formatArgs are the parameters of the format.
	formatArgs formatArgs
	lang       *i18n.Language

	query *queryRun
	// late are the warnings about the format, which come after all others.
	warnings, late []finding
	// head stands at the top of the document, body at its end; headFirst says that head comes before the warnings: what
	// came later stands higher.
	head, body result.Object
	headFirst  bool
	cache      cacheMode
	// outcome is what metrics call the end of the call.
	outcome string
	// submitted says that the Manager has seen a creation of this call.
	submitted bool
	reply     reply
}

func (a *api) newCall(w http.ResponseWriter, r *http.Request) (*call, error) {
	own := rooms.Get().(*room)
	c := &own.call
	*c = call{api: a, ctx: r.Context(), r: r, header: w.Header(), began: a.Clock(), outcome: "ok", room: own}
	c.free, c.freeMembers = own.values[:], own.members[:]
	c.head.Members, c.body.Members = c.takeMembers(2), c.takeMembers(2)
	var id [12]byte
	if _, err := io.ReadFull(a.Random, id[:]); err != nil {
		return nil, fmt.Errorf("name request: %w", err)
	}
	c.id = hex.EncodeToString(id[:])
	return c, nil
}

// now is the time at which the call came in; it stands still for its duration.
func (c *call) now() time.Time { return c.began }

// allows reports whether the caller has the right.
func (c *call) allows(r auth.Right) bool { return c.api.Groups.Allows(c.creator.Account, r) }

// openSession finds out who calls.
func (c *call) openSession() error {
	s, err := c.api.Sessions.Load(c.ctx, c.r)
	if err != nil {
		return fmt.Errorf("load session: %w", err)
	}
	c.session = s
	c.creator.Addr = c.api.ClientAddr(c.r)
	if c.in.has("callback") || c.in.text("origin") == "*" || c.r.Header["Treat-As-Untrusted"] != nil {
		c.suppressed = true
		return nil
	}
	c.creator.Account = s.Account()
	return nil
}

// captchaKind is the parameter by which a client asks for another kind of captcha, wherever fields are listed or taken; not
// in the tables of parameters, because the reference has none of that name (docs/protocol.md, "Another kind").
const captchaKind = "captchaKind"

// readers is the language that somebody reads: nobody reads the one that shows keys.
func (c *call) readers() *i18n.Language {
	if l := c.language(); l.Code() != message.QQX {
		return l
	}
	return c.api.siteLanguage
}

// client is the caller as the Manager sees it. No account is given the language that shows keys.
func (c *call) client() auth.Client {
	client := auth.Client{Creator: c.creator, Session: c.session, Language: c.readers().Code(), Via: c.via()}
	if !c.creator.Anonymous() {
		client.SessionID, client.Authenticated = c.session.ID(), c.session.AuthenticatedAt()
	}
	if kind := c.in.take(captchaKind); kind != nil {
		client.CaptchaKind = kind.text
	}
	return client
}

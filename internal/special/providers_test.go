package special

import (
	"context"
	"sync"

	"gatehouse/auth"
	"gatehouse/internal/message"
)

// passwords is a primary provider that keeps passwords in clear, for tests of the pages alone.
type passwords struct {
	mu    sync.Mutex
	known map[auth.Name]string
	store *memoryStore
	busy  *auth.OverloadError
}

const passwordRequest auth.RequestID = `MediaWiki\Auth\PasswordAuthenticationRequest`

func (*passwords) ID() auth.ProviderID             { return "password" }
func (*passwords) CreationType() auth.CreationType { return auth.CreationCreate }

func (*passwords) Requests(_ context.Context, o auth.Options) ([]auth.Request, error) {
	fields := []auth.Field{
		{Name: "username", Type: auth.FieldString, Label: message.New("userlogin-yourname")},
		{Name: "password", Type: auth.FieldPassword, Label: message.New("userlogin-yourpassword"), Sensitive: true},
	}
	if o.Action == auth.ActionCreate {
		fields = append(fields, auth.Field{
			Name: "retype", Type: auth.FieldPassword, Label: message.New("yourpasswordagain"), Sensitive: true,
		})
	}
	return []auth.Request{{ID: passwordRequest, Required: auth.PrimaryRequired, Fields: fields}}, nil
}

func (p *passwords) CheckCreation(c *auth.Creation) auth.Check {
	a, ok := c.Answers.Get(passwordRequest)
	switch {
	case ok && a.Values["password"] != a.Values["retype"]:
		return auth.Refused(message.New("badretype"))
	case ok && len(a.Values["password"]) < 8:
		return auth.Refused(message.New("passwordtooshort", message.Int(8)), message.New("passwordincommonlist"))
	}
	return auth.Good()
}

func (p *passwords) BeginCreation(_ context.Context, c *auth.Creation) (auth.Response, error) {
	if p.busy != nil {
		return auth.Response{}, p.busy
	}
	a, ok := c.Answers.Get(passwordRequest)
	if !ok {
		return auth.Abstained(), nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.known[c.Subject.Name] = a.Values["password"]
	return auth.Passed(), nil
}

func (p *passwords) BeginLogin(ctx context.Context, l *auth.Login) (auth.Response, error) {
	a, ok := l.Answers.Get(passwordRequest)
	if !ok {
		return auth.Abstained(), nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	name := auth.Name(a.Values["username"])
	if known, ok := p.known[name]; !ok || known != a.Values["password"] {
		return auth.Failed(message.New("wrongpassword")), nil
	}
	account, err := p.store.AccountByName(ctx, name)
	return auth.Response{Status: auth.Pass, Account: account}, err
}

// subject asks for what describes the account.
type subject struct{}

func (subject) ID() auth.ProviderID { return "subject" }

func (subject) Requests(_ context.Context, o auth.Options) ([]auth.Request, error) {
	text := func(name string, label message.Key) auth.Field {
		return auth.Field{Name: name, Type: auth.FieldString, Optional: true, Label: message.New(label)}
	}
	switch {
	case o.Action == auth.ActionLogin:
		remember := text(auth.FieldRememberMe, "userlogin-remembermypassword")
		remember.Type, remember.Label = auth.FieldCheckbox, message.New("userlogin-remembermypassword", message.Num(180))
		return []auth.Request{{ID: "remember", Required: auth.Optional, Fields: []auth.Field{remember}}}, nil
	case o.Action != auth.ActionCreate:
		return nil, nil
	}
	email := text("email", "authmanager-email-label")
	email.Help = message.New("authmanager-email-help")
	name := text("username", "userlogin-yourname")
	name.Optional = false
	out := []auth.Request{{ID: "name", Fields: []auth.Field{name}}, {ID: "userdata", Fields: []auth.Field{email, text("realname", "authmanager-realname-label")}}}
	if !o.Creator.Anonymous() {
		out = append(out, auth.Request{
			ID: "reason", Required: auth.Optional, Fields: []auth.Field{text("reason", "createacct-reason")},
		})
	}
	return out, nil
}

func (subject) Describe(c *auth.Creation) auth.Check {
	a, _ := c.Answers.Get("userdata")
	c.Subject.Email, c.Subject.RealName = a.Values["email"], a.Values["realname"]
	if c.Subject.Email == "nowhere" {
		return auth.Refused(message.New("invalidemailaddress"))
	}
	why, _ := c.Answers.Get("reason")
	c.Subject.Reason = why.Values["reason"]
	return auth.Good()
}

// scripted is a secondary provider that asks and answers as it is told.
type scripted struct {
	id       auth.ProviderID
	requests []auth.Request
	before   bool
	begin    func(*auth.Creation) auth.Response
	goOn     func(*auth.Creation) auth.Response
}

func (p scripted) ID() auth.ProviderID { return p.id }
func (p scripted) BeforeCommit() bool  { return p.before }

func (p scripted) Requests(_ context.Context, o auth.Options) ([]auth.Request, error) {
	if o.Action != auth.ActionCreate {
		return nil, nil
	}
	return p.requests, nil
}

func (p scripted) BeginCreation(_ context.Context, c *auth.Creation) (auth.Response, error) {
	return p.begin(c), nil
}

func (p scripted) ContinueCreation(_ context.Context, c *auth.Creation) (auth.Response, error) {
	return p.goOn(c), nil
}

// linking is a scripted primary provider.
type linking struct{ scripted }

func (linking) CreationType() auth.CreationType { return auth.CreationLink }

func (p scripted) BeginLogin(context.Context, *auth.Login) (auth.Response, error) {
	return auth.Abstained(), nil
}

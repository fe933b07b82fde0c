package auth

import "context"

// Client is the program at the other end of a flow.
type Client struct {
	Creator Creator
	Session Session
	// Language is the code of the language the request is read in; a new account of an anonymous creator gets it.
	Language string
}

// Begin is the first submission of a flow.
type Begin struct {
	Answers Answers
	// ReturnURL is where a third party sends the browser back to.
	ReturnURL string
}

// Manager runs the providers. Build it with NewManager; it is safe for concurrent use.
type Manager struct{}

// CanCreateAccounts reports whether some primary provider makes accounts. It says nothing of rights.
func (m *Manager) CanCreateAccounts() bool { return true }

// CanLinkAccounts reports whether some primary provider binds outside identities.
func (m *Manager) CanLinkAccounts() bool { return false }

// Requests lists what may be submitted for action, in the order providers are configured.
func (m *Manager) Requests(ctx context.Context, action Action, c Client) ([]Request, error) {
	return nil, nil
}

// BeginCreation starts a creation.
func (m *Manager) BeginCreation(ctx context.Context, c Client, b Begin) (Response, error) {
	return Response{}, nil
}

// ContinueCreation goes on with the client's creation.
func (m *Manager) ContinueCreation(ctx context.Context, c Client, a Answers) (Response, error) {
	return Response{}, nil
}

// BeginLogin starts a sign-in. On Pass the caller signs Response.Account in.
func (m *Manager) BeginLogin(ctx context.Context, c Client, b Begin) (Response, error) {
	return Response{}, nil
}

// ContinueLogin goes on with the client's sign-in.
func (m *Manager) ContinueLogin(ctx context.Context, c Client, a Answers) (Response, error) {
	return Response{}, nil
}

// CheckName is the one verdict whether an account called raw may be made. It gives the canonical name where there is
// one, and findings (userexists, noname, a provider's) where it may not. creating is false in look-aheads.
func (m *Manager) CheckName(ctx context.Context, raw string, creating bool) (Name, Check, error) {
	return "", Good(), nil
}

// Allows reports whether the account has the right.
func (m *Manager) Allows(a Account, r Right) bool { return false }

// Package client creates accounts on any wiki that speaks MediaWiki's Action API: MediaWiki 1.27 and later, and gatehouse.
//
// Open finds the wiki's api.php. A Creation is a value that walks: Begin asks which fields there are, Submit sends what was
// filled in, and every Step in between says what the wiki wants next.
//
//	wiki, err := client.Open(ctx, "https://wiki.example.org/", client.Options{UserAgent: "Greeter/1.0 (ada@example.org)"})
//	creation, err := wiki.Begin(ctx, client.CreationOptions{})
//	step, err := creation.Submit(ctx, client.Answers{"username": "Zane", "password": password})
//	switch step.Status {
//	case client.Pass:     // step.Username is the name as the wiki writes it
//	case client.Fail:     // step.Code and step.Message say why not; begin again, any captcha is spent
//	case client.UI:       // step.Fields are wanted; Submit again
//	case client.Redirect: // send a browser to step.RedirectTarget; Submit what it comes back with
//	}
//
// A refusal is a value, since it is one of the answers that people get; an error means that there was no answer (its types
// are in errors.go). Creation.Walk is the loop around the switch.
//
// The rest is what such a program needs besides: Captcha and CaptchaPicture, Loopback for the way through a browser, TOTP
// for two-factor set-up, Login with a second factor, Logout, UserInfo and the log of new users. Tokens, cookies, waiting
// and repeating are taken care of. The wiki may list fields in any order, with others among them, under any request id: what
// counts is what a field is, not where it stands.
//
// The package imports the standard library alone. It knows nothing of the server in this module; cmd/gatehouse is its
// neighbour, whose "create" walks a creation in a terminal.
package client

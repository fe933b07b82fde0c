package special

import (
	"context"
	"time"

	"gatehouse/internal/message"
)

// Page is one special page. Implementations are built once and used by many goroutines.
type Page interface {
	// Serve answers a visit. An error is our fault, or *auth.OverloadError; error.go makes a page of it.
	Serve(ctx context.Context, v *Visit) (Answer, error)
}

// Answer is what a page gives back: a template with what it shows, or an address to go to.
type Answer struct {
	// Status is the HTTP status; 0 = 200, or 303 with a Location.
	Status int
	// Location is where the visitor goes; the rest is empty then.
	Location string
	// File is sent as it is; the rest is empty then.
	File *file
	// Template names a file in templates/, without its ending.
	Template string
	// Title is the page's heading.
	Title message.Message
	// Faulty pages have a title that begins with "Error:".
	Faulty bool
	// Data is what the template shows.
	Data any
	// Vendor is the company whose script the page loads.
	Vendor *Vendor
	// RetryAfter is sent as a header when it is not zero.
	RetryAfter time.Duration
}

// file is an answer that is no page.
type file struct {
	// Type is its MIME type, Cached the Cache-Control header.
	Type, Cached string
	Body         []byte
	// Private files are for this site's own pages.
	Private bool
}

// entry is one row of the table of pages.
type entry struct {
	page Page
	// posts says that the page takes forms.
	posts bool
	// reads says that the page needs the right to read: a private site shows it to nobody without it.
	reads bool
}

// The special pages, as addresses spell them. pages below maps them, and what people type for them, to their code.
const (
	titleMain          title = "Main Page"
	titleCreateAccount title = "Special:CreateAccount"
	titleUserLogin     title = "Special:UserLogin"
	titleUserLogout    title = "Special:UserLogout"
	titleLog           title = "Special:Log"
	titleNewUsers      title = "Special:Log/newusers"
	titleAPISandbox    title = "Special:ApiSandbox"
	titleEventPasses   title = "Special:EventPasses"
	titleCaptchaAudio  title = "Special:Captcha/audio"

	titleChangeCredentials title = "Special:ChangeCredentials"
	titlePasswordReset     title = "Special:PasswordReset"
	titleConfirmEmail      title = "Special:ConfirmEmail"
	titleInvalidateEmail   title = "Special:InvalidateEmail"
	titleChangeEmail       title = "Special:ChangeEmail"
	titleAccountSecurity   title = "Special:AccountSecurity"
	titleLinkAccounts      title = "Special:LinkAccounts"
	titlePreferences       title = "Special:Preferences"
)

// pages is the table of special pages. Keys are as pageKey gives them.
func pages(c Config) map[string]entry {
	login := entry{page: userLogin{c}, posts: true}
	logout := entry{page: userLogout{c}, posts: true}
	log := entry{page: logPage{c}, reads: true}
	credentials := entry{page: changeCredentials{c}, posts: true}
	out := map[string]entry{
		"createaccount": {page: createAccount{c}, posts: true},
		"userlogin":     login,
		"login":         login,
		"userlogout":    logout,
		"logout":        logout,

		"changecredentials": credentials,
		"changepassword":    credentials,
		"passwordreset":     {page: passwordReset{c}, posts: true},
		"confirmemail":      {page: confirmEmail{cfg: c}, posts: true},
		"invalidateemail":   {page: confirmEmail{cfg: c, cancel: true}, posts: true},
		"changeemail":       {page: changeEmail{c}, posts: true},
		"accountsecurity":   {page: accountSecurity{c}, posts: true},
		"preferences":       {page: preferences{c}, posts: true},

		"linkaccounts":        {page: linkAccounts{c}, posts: true},
		"unlinkaccounts":      {page: linkAccounts{c}, posts: true},
		"openidconnectreturn": {page: openIDReturn{c}},

		"log":         log,
		"logs":        log,
		"apisandbox":  {page: apiSandbox{c}},
		"eventpasses": {page: eventPasses{c}, posts: true},
		"apihelp":     {page: apiHelp{c}},
		"version":     {page: version{c}},
		"captcha":     {page: captcha{c}},
	}
	addOperators(c, out)
	return out
}

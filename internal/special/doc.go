// Package special is the site in HTML: the first page and the special pages that people open in a browser.
//
// It is the edge between HTTP and the domain, as internal/actionapi is; neither calls the other. A page asks auth.Manager,
// the visitor's session and a few small readers, and gives back an Answer: a template with what to show, or an address to
// go to. The handler alone writes headers, cookies and the status line. Forms are built from the requests the Manager
// offers, so that a new provider's fields appear by themselves. Everything works without JavaScript.
//
// The way of a request, in files:
//
//	handler.go     from the address to a page, and from its answer to bytes
//	title.go       titles as people type them
//	visit.go       one request: its session, its language, what was posted
//	headers.go     what every answer carries
//	error.go       the one place where faults become pages
//	form.go        requests of the Manager as inputs of a form
//	flow.go        what creating an account and signing in have in common
//	createaccount.go, userlogin.go, log.go …   one page a file, its template beside it in templates/
package special

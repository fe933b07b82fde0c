// Package auth is the domain of gatehouse: accounts, the requests and responses of the Action API's authentication
// manager, the three kinds of provider, and the Manager that runs them. Read it first.
//
// One creation, as the phase table in create.go executes it:
//
//	           begin                                          continue
//	             │                                               │
//	      subject named                                          │
//	             │                                               │
//	         site open ──────────────────── both ───────────────┤
//	             │                                               │
//	             │                                      flow claimed, opened
//	             │                                               │
//	      creator allowed ───────────────── both ───────────────┤
//	             │                                               │
//	   place reserved for the hash                               │
//	             │                                               │
//	    name free and creatable                                  │
//	             │                                               │
//	subject described, older flow ended                          │
//	             │                                               │
//	 cheap tests, then tests (pre → primary → secondary)         │
//	             │                                               │
//	             └───────────► primary provider ◄───────────────┘
//	                                  │            UI, REDIRECT: state stored, answer, wait
//	                     name free and creatable   (again, in a continuation)
//	                           required steps      (secondaries before the commit)
//	                                  │
//	                               COMMIT          account, credentials, log, outbox, counters: whole or not at all
//	                                  │
//	                           optional steps      (secondaries after the commit)
//	                                  │
//	                                PASS
//
// A refusal anywhere is a Response with status Fail. An error is the server's own fault.
//
// The package knows no HTTP, no SQL and no HTML. Its neighbours: internal/provider/* implement the provider interfaces,
// internal/store/* the stores, internal/websession the Session; internal/actionapi and internal/special are the edges
// that call the Manager and put its answers into words; the root package wires them.
package auth

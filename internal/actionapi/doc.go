// Package actionapi is api.php: one endpoint that reads parameters, runs one module and writes one document.
//
// It is the edge between HTTP and the domain. It knows the wire (formats, error formats, warnings, caching, cross-origin
// rules) and nothing of providers or stores: a module asks auth.Manager, the session and a few small readers, and puts
// what they say into a result tree that the format writers turn into bytes. Its neighbour is internal/special, which is
// the same edge in HTML; neither calls the other.
//
// The way of a call, in files:
//
//	handler.go      the order of checks, from bytes in to bytes out
//	input.go        what was sent: query and body merged, repaired, limited
//	param.go        declared parameters, parsed and judged in declared order
//	result/         the result tree, and one writer for each format
//	errorformat.go  errors and warnings in the format the client chose
//	openapi.go      what describes all of it to programs, from the same tables
//	cors.go, cache.go, language.go   what their names say
//	authflow.go     what the modules of authentication flows share
//	query.go, createaccount.go, …    one module a file
package actionapi

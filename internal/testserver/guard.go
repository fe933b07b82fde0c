package testserver

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// hostOf is the host of a Host header or of an address to listen on, without port and in small letters.
func hostOf(text string) string {
	host := text
	if h, _, err := net.SplitHostPort(text); err == nil {
		host = h
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

// isLoopback reports whether a host can only be this machine.
func isLoopback(host string) bool {
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr.Unmap().IsLoopback()
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// mayListen refuses an address that others reach, unless it was asked for.
func mayListen(listen string, allowed bool) error {
	if allowed || isLoopback(hostOf(listen)) {
		return nil
	}
	return refuse("a test server has no limits and tells everybody every secret: it listens on this machine alone, and not on %s. "+
		"Take --listen 127.0.0.1:8080, or add --allow-public if nobody else reaches that network", listen)
}

// onlyKnownHosts answers for this machine's names and the allowed ones, so that no page of a stranger reaches the server under
// a name that was made to lead here.
func onlyKnownHosts(h http.Handler, allowed []string) http.Handler {
	known := make([]string, len(allowed))
	for i, name := range allowed {
		known[i] = hostOf(name)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := hostOf(r.Host)
		if !isLoopback(host) && !slices.Contains(known, host) {
			writeProblem(w, http.StatusMisdirectedRequest, "unknownhost",
				"This test server does not answer to the name "+printable(host)+". Start it with --allow-host "+printable(host)+
					", or ask it as 127.0.0.1 or localhost.")
			return
		}
		h.ServeHTTP(w, r)
	})
}

// printable keeps of a name what can be one.
func printable(host string) string {
	return strings.Map(func(r rune) rune {
		if r > ' ' && r < 0x7f && !strings.ContainsRune(`"'<>&\`, r) {
			return r
		}
		return '?'
	}, host[:min(len(host), 253)])
}

// header is what every call of the control API has to bring: no page of a stranger can send it without being asked first.
const header = "X-Gatehouse-Test"

func withHeader(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get(header) != "1" {
			writeProblem(w, http.StatusForbidden, "noheader",
				"Calls under /_test/ need the header \""+header+": 1\". With curl: -H '"+header+": 1'.")
			return
		}
		h.ServeHTTP(w, r)
	})
}

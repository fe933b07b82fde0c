// Package clientaddr finds the address a request really came from: the connection's own, or, behind proxies that the
// operator trusts, what those proxies say in X-Forwarded-For.
//
// It does not decide anything about addresses: blocks, throttles and logs do. Who mounts the handler elsewhere may use a
// function of their own in its place.
package clientaddr

import (
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync"
)

const forwardedFor = "X-Forwarded-For"

// Resolver finds clients' addresses. Build it with New; it is safe for concurrent use.
type Resolver struct {
	trusted []netip.Prefix
	logger  *slog.Logger
	warned  sync.Once
}

// New makes a Resolver that believes the forwarding headers of peers in the trusted networks, and of no others. The
// logger gets one warning if a proxy seems to be missing in trusted.
func New(trusted []netip.Prefix, logger *slog.Logger) *Resolver {
	r := &Resolver{logger: logger}
	for _, p := range trusted {
		if p.IsValid() {
			r.trusted = append(r.trusted, unwrapped(p))
		}
	}
	return r
}

// Addr gives the client's address: the nearest one, counted from the server, that is not a trusted proxy's. An IPv4
// address is never wrapped in IPv6, and there is no zone. It is invalid if the connection has no IP address, as on a Unix
// socket.
func (r *Resolver) Addr(req *http.Request) netip.Addr {
	peer, ok := parse(req.RemoteAddr)
	if !ok {
		return netip.Addr{}
	}
	if !r.trusts(peer) {
		r.warn(req.Header, peer)
		return peer
	}
	return r.walk(peer, req.Header.Values(forwardedFor))
}

// walk goes from the right over what trusted proxies wrote. Each entry is the word of the hop to its right, so the walk
// ends at the first hop that is not trusted, or at one whose word makes no sense.
func (r *Resolver) walk(hop netip.Addr, lines []string) netip.Addr {
	for i := len(lines) - 1; i >= 0; i-- {
		rest := lines[i]
		for more := true; more; {
			var entry string
			rest, entry, more = cutLast(rest)
			next, ok := parse(strings.Trim(entry, " \t"))
			if !ok {
				return hop
			}
			if hop = next; !r.trusts(hop) {
				return hop
			}
		}
	}
	return hop
}

// cutLast takes the last entry off a list; more says whether others are left of it.
func cutLast(list string) (rest, last string, more bool) {
	i := strings.LastIndexByte(list, ',')
	if i < 0 {
		return "", list, false
	}
	return list[:i], list[i+1:], true
}

func (r *Resolver) trusts(addr netip.Addr) bool {
	for _, p := range r.trusted {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// warn tells the operator once that a neighbour forwards requests and is not believed: all its clients share one address,
// and so one throttle.
func (r *Resolver) warn(h http.Header, peer netip.Addr) {
	if !peer.IsPrivate() && !peer.IsLoopback() && !peer.IsLinkLocalUnicast() {
		return
	}
	for _, name := range []string{forwardedFor, "Forwarded", "X-Real-Ip"} {
		if len(h.Values(name)) == 0 {
			continue
		}
		r.warned.Do(func() {
			r.logger.Warn("forwarding header from a peer that is not a trusted proxy; its clients all count as this one address",
				"peer", peer, "header", name, "setting", "server.trusted_proxies")
		})
		return
	}
}

// parse reads an address, with or without a port.
func parse(s string) (netip.Addr, bool) {
	if ap, err := netip.ParseAddrPort(s); err == nil { // as connections have it
		return plain(ap.Addr()), true
	}
	if addr, err := netip.ParseAddr(s); err == nil {
		return plain(addr), true
	}
	if inner, ok := strings.CutPrefix(s, "["); ok {
		if inner, ok = strings.CutSuffix(inner, "]"); ok {
			addr, err := netip.ParseAddr(inner)
			return plain(addr), err == nil && addr.Is6()
		}
	}
	return netip.Addr{}, false
}

func plain(addr netip.Addr) netip.Addr { return addr.WithZone("").Unmap() }

// unwrapped writes a network of wrapped IPv4 addresses as the IPv4 network it is.
func unwrapped(p netip.Prefix) netip.Prefix {
	const wrapping = 96 // bits before the IPv4 address
	if p.Addr().Is4In6() && p.Bits() >= wrapping {
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-wrapping)
	}
	return p.Masked()
}

package clientaddr

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
)

func networks(list ...string) []netip.Prefix {
	var out []netip.Prefix
	for _, s := range list {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}

func request(peer string, lines ...string) *http.Request {
	r := &http.Request{RemoteAddr: peer, Header: http.Header{}}
	for _, l := range lines {
		r.Header.Add(forwardedFor, l)
	}
	return r
}

func TestAddr(t *testing.T) {
	r := New(networks("10.0.0.0/8", "127.0.0.1/32", "2001:db8:ffff::/48", "::ffff:172.16.0.0/108"), slog.New(slog.DiscardHandler))
	for _, c := range []struct {
		about, peer string
		lines       []string
		want        string
	}{
		{"no proxy", "192.0.2.1:5000", nil, "192.0.2.1"},
		{"no proxy, IPv6", "[2001:db8::1]:5000", nil, "2001:db8::1"},
		{"wrapped IPv4", "[::ffff:192.0.2.1]:5000", nil, "192.0.2.1"},
		{"zone", "[fe80::1%eth0]:5000", nil, "fe80::1"},
		{"peer without a port", "192.0.2.1", nil, "192.0.2.1"},

		{"forged from outside", "192.0.2.1:5000", []string{"198.51.100.9"}, "192.0.2.1"},
		{"forged through a trusted proxy", "10.0.0.1:1", []string{"203.0.113.7, 192.0.2.1"}, "192.0.2.1"},
		{"forged trusted addresses", "10.0.0.1:1", []string{"203.0.113.7, 10.0.0.9, 192.0.2.1"}, "192.0.2.1"},
		{"forged on an own line", "10.0.0.1:1", []string{"203.0.113.7", "192.0.2.1"}, "192.0.2.1"},
		{"outside proxy is not believed", "10.0.0.1:1", []string{"203.0.113.7, 192.0.2.1, 10.0.0.2"}, "192.0.2.1"},

		{"one hop", "10.0.0.1:1", []string{"192.0.2.1"}, "192.0.2.1"},
		{"several hops", "127.0.0.1:1", []string{"192.0.2.1, 10.0.0.3, 10.0.0.2"}, "192.0.2.1"},
		{"several hops over lines", "127.0.0.1:1", []string{"192.0.2.1,10.0.0.3", "\t10.0.0.2 "}, "192.0.2.1"},
		{"both families", "[2001:db8:ffff::1]:1", []string{"2001:db8::5, 10.0.0.2"}, "2001:db8::5"},
		{"wrapped trusted peer", "[::ffff:10.0.0.1]:1", []string{"::ffff:192.0.2.1"}, "192.0.2.1"},
		{"wrapped trusted network", "172.17.0.1:1", []string{"192.0.2.1"}, "192.0.2.1"},
		{"zone of a hop", "10.0.0.1:1", []string{"fe80::5%en0"}, "fe80::5"},
		{"only trusted hops", "10.0.0.1:1", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		{"no header", "10.0.0.1:1", nil, "10.0.0.1"},

		{"port", "10.0.0.1:1", []string{"192.0.2.1:4711"}, "192.0.2.1"},
		{"IPv6 with port", "10.0.0.1:1", []string{"[2001:db8::5]:4711"}, "2001:db8::5"},
		{"IPv6 in brackets", "10.0.0.1:1", []string{"[2001:db8::5]"}, "2001:db8::5"},

		{"garbage at once", "10.0.0.1:1", []string{"unknown"}, "10.0.0.1"},
		{"garbage stops the walk", "10.0.0.1:1", []string{"192.0.2.1, unknown, 10.0.0.2"}, "10.0.0.2"},
		{"empty entry", "10.0.0.1:1", []string{"192.0.2.1,, 10.0.0.2"}, "10.0.0.2"},
		{"empty line", "10.0.0.1:1", []string{"192.0.2.1", ""}, "10.0.0.1"},
		{"octal look-alike", "10.0.0.1:1", []string{"192.0.2.010"}, "10.0.0.1"},
		{"IPv4 in brackets", "10.0.0.1:1", []string{"[192.0.2.1]"}, "10.0.0.1"},
		{"line break inside", "10.0.0.1:1", []string{"192.0.2.1\n"}, "10.0.0.1"},
		{"garbage left of the client", "10.0.0.1:1", []string{"<script>, 192.0.2.1"}, "192.0.2.1"},

		{"Unix socket", "@", []string{"192.0.2.1"}, "invalid IP"},
		{"no peer", "", nil, "invalid IP"},
	} {
		if got := r.Addr(request(c.peer, c.lines...)).String(); got != c.want {
			t.Errorf("%s: %s, want %s", c.about, got, c.want)
		}
	}
}

func TestTrustNobody(t *testing.T) {
	r := New([]netip.Prefix{{}}, slog.New(slog.DiscardHandler))
	if got := r.Addr(request("127.0.0.1:1", "192.0.2.1")).String(); got != "127.0.0.1" {
		t.Errorf("got %s: an untrusted loopback peer was believed", got)
	}
}

func TestUnwrapped(t *testing.T) {
	for in, want := range map[string]string{
		"10.1.2.3/8":          "10.0.0.0/8",
		"::ffff:10.0.0.0/104": "10.0.0.0/8",
		"::ffff:0:0/96":       "0.0.0.0/0",
		"2001:db8::1/32":      "2001:db8::/32",
		"::/0":                "::/0",
	} {
		if got := unwrapped(netip.MustParsePrefix(in)).String(); got != want {
			t.Errorf("unwrapped(%s) = %s, want %s", in, got, want)
		}
	}
}

func TestWarning(t *testing.T) {
	for _, c := range []struct {
		peer, header string
		want         int
	}{
		{"10.0.0.1:1", forwardedFor, 1},
		{"127.0.0.1:1", forwardedFor, 1},
		{"[fd00::1]:1", "Forwarded", 1},
		{"[fe80::1%eth0]:1", "X-Real-Ip", 1},
		{"10.0.0.1:1", "Accept", 0},
		{"192.0.2.1:1", forwardedFor, 0}, // anybody can send it
		{"10.9.0.1:1", forwardedFor, 0},  // trusted
	} {
		var log bytes.Buffer
		r := New(networks("10.9.0.0/16"), slog.New(slog.NewTextHandler(&log, nil)))
		req := request(c.peer)
		req.Header.Set(c.header, "198.51.100.9")
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() { r.Addr(req) })
		}
		wg.Wait()
		if got := strings.Count(log.String(), "level=WARN"); got != c.want {
			t.Errorf("%s with %s: %d warnings, want %d", c.peer, c.header, got, c.want)
		}
		if strings.Contains(log.String(), "198.51.100.9") {
			t.Errorf("%s with %s: the log repeats what the peer sent", c.peer, c.header)
		}
	}
}

func FuzzAddr(f *testing.F) {
	f.Add("10.0.0.1:1", "192.0.2.1, 10.0.0.2", "::ffff:10.0.0.3")
	f.Add("[fe80::1%eth0]:1", "[2001:db8::5]:80", "unknown,")
	f.Add("@", ",", "")
	r := New(networks("10.0.0.0/8", "fe80::/10"), slog.New(slog.DiscardHandler))
	f.Fuzz(func(t *testing.T, peer, first, second string) {
		got := r.Addr(request(peer, first, second))
		if got.Is4In6() || got.Zone() != "" {
			t.Errorf("got %s", got)
		}
		own := r.Addr(request(peer))
		if own.IsValid() != got.IsValid() || !r.trusts(own) && got != own {
			t.Errorf("untrusted peer %s became %s", own, got)
		}
		// What stands left of the nearest untrusted hop changes nothing.
		const client = "192.0.2.77"
		if got := r.Addr(request(peer, first, second+","+client)); r.trusts(own) && got.String() != client {
			t.Errorf("forged entries turned %s into %s", client, got)
		}
	})
}

package gatehouse

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"gatehouse/internal/settings"
)

// Validate finds everything that is wrong with c. The error is Faults, each naming the key, its value and what would be
// right.
func (c Config) Validate() error { return c.faults().Err() }

func (c *Config) faults() Faults {
	k := checker{faults: settings.CheckChoices(c)}
	k.server(c)
	k.site(c)
	k.cors(c)
	k.groups(c)
	k.store(c)
	k.createAccount(c)
	k.throttle(c)
	k.password(c)
	k.captcha(c)
	k.oidc(c)
	k.passkeys(c)
	k.mail(c)
	k.tracing(c)
	return k.faults
}

// checker collects faults.
type checker struct{ faults Faults }

// refuse notes that the value of key is not what it should be.
func (k *checker) refuse(key string, value any, want string, args ...any) {
	k.faults = append(k.faults, Fault{Key: key, Value: settings.Show(value), Want: fmt.Sprintf(want, args...)})
}

// within demands least <= n <= most.
func (k *checker) within(key string, n, least, most int64) {
	if n < least || n > most {
		k.refuse(key, n, "write a number from %d to %d", least, most)
	}
}

// line demands a text of one line, without control characters, of at most most bytes.
func (k *checker) line(key, text string, most int) {
	if len(text) > most || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
		k.refuse(key, text, "write one line of at most %d bytes, without control characters", most)
	}
}

func (k *checker) server(c *Config) {
	s := c.Server
	k.listener("server.listen", s.Listen)
	if s.AdminListen != "" {
		k.listener("server.admin_listen", s.AdminListen)
		if s.AdminListen == s.Listen && !strings.HasSuffix(s.Listen, ":0") {
			k.refuse("server.admin_listen", s.AdminListen, "write another address than that of server.listen")
		}
	}
	if s.Drain < 0 || s.Drain > mostDrain {
		k.refuse("server.drain", s.Drain, `write a time from "0s" to "%s"`, mostDrain)
	}
	if s.PublicURL != "" && !isOrigin(s.PublicURL) {
		k.refuse("server.public_url", s.PublicURL, `write http:// or https:// and a host, perhaps a port, and no path, for example "https://accounts.example.org"`)
	}
	if !isScriptPath(s.ScriptPath) {
		k.refuse("server.script_path", s.ScriptPath, `begin with / and do not end with it, for example "/w"; letters, digits and . _ ~ - between the slashes; "" is the top`)
	}
	if !isArticlePath(s.ArticlePath) {
		k.refuse("server.article_path", s.ArticlePath, `begin and end with /, with something between, for example "/wiki/"; letters, digits and . _ ~ - between the slashes`)
	}
	if s.ArticlePath == s.ScriptPath+"/" {
		k.refuse("server.article_path", s.ArticlePath, "write another path than that of server.script_path, or a page could hide api.php")
	}
	for i, text := range s.TrustedProxies {
		if _, ok := parseNetwork(text); !ok {
			k.refuse(fmt.Sprintf("server.trusted_proxies[%d]", i), text, `write a network such as "10.0.0.0/8" or "2001:db8::/32", or one address`)
		}
	}
}

func (k *checker) tracing(c *Config) {
	t := c.Tracing
	if u, err := url.Parse(t.Endpoint); t.Endpoint != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "") {
		k.refuse("tracing.endpoint", t.Endpoint, `write a whole address, for example "http://127.0.0.1:4318/v1/traces"`)
	}
	k.within("tracing.one_in", t.OneIn, 1, 1_000_000)
}

func (k *checker) listener(key, text string) {
	host, port, err := net.SplitHostPort(text)
	n, numErr := strconv.ParseUint(port, 10, 16)
	if err != nil || numErr != nil || strconv.FormatUint(n, 10) != port || !isListenHost(host) {
		k.refuse(key, text, `write address and port, for example "127.0.0.1:8080", ":8080" or "[::1]:8080"`)
	}
}

func isListenHost(host string) bool {
	if host == "" {
		return true
	}
	_, err := netip.ParseAddr(host)
	return err == nil || isHostName(host)
}

// hostName is a DNS name in ASCII. The underscore is no letter of one, but names inside container networks have it.
var hostName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?)*$`)

func isHostName(s string) bool { return len(s) <= 253 && hostName.MatchString(s) }

// isHost accepts what the host of an address may be: a name or an IP address, perhaps with a port.
func isHost(s string) bool {
	host := s
	if h, port, err := net.SplitHostPort(s); err == nil {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return false
		}
		host = h
	} else if bracketed, ok := strings.CutPrefix(s, "["); ok {
		host = strings.TrimSuffix(bracketed, "]")
	}
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr.Zone() == "" && (addr.Is4() || strings.HasPrefix(s, "["))
	}
	return isHostName(host)
}

// isOrigin accepts scheme, host and port alone; one slash at the end is forgiven.
func isOrigin(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.User == nil && isHost(u.Host) &&
		(u.Path == "" || u.Path == "/") && u.RawQuery == "" && !u.ForceQuery && u.Fragment == "" && !strings.HasSuffix(text, "#")
}

var pathSegments = regexp.MustCompile(`^(/[A-Za-z0-9._~-]+)*$`)

func isScriptPath(s string) bool { return pathSegments.MatchString(s) && !hasDotSegment(s) }

func isArticlePath(s string) bool {
	inner, ok := strings.CutSuffix(s, "/")
	return ok && inner != "" && isScriptPath(inner)
}

// hasDotSegment finds "." and "..", which browsers resolve before they ask.
func hasDotSegment(path string) bool {
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "." || segment == ".." {
			return true
		}
	}
	return false
}

// parseNetwork reads a network or a single address; IPv4 wrapped in IPv6 is unwrapped.
func parseNetwork(text string) (netip.Prefix, bool) {
	if p, err := netip.ParsePrefix(text); err == nil {
		addr, bits := p.Addr(), p.Bits()
		if addr.Is4In6() {
			if bits -= 96; bits < 0 {
				return netip.Prefix{}, false
			}
			addr = addr.Unmap()
		}
		return netip.PrefixFrom(addr, bits).Masked(), true
	}
	addr, err := netip.ParseAddr(text)
	if err != nil || addr.Zone() != "" {
		return netip.Prefix{}, false
	}
	addr = addr.Unmap()
	return netip.PrefixFrom(addr, addr.BitLen()), true
}

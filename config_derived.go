package gatehouse

import (
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"
)

// PublicURL is the server's public address, without a slash at its end: server.public_url, else http:// and the address
// of server.listen, where an unspecified address becomes localhost.
func (c Config) PublicURL() string {
	if c.Server.PublicURL != "" {
		return strings.TrimSuffix(c.Server.PublicURL, "/")
	}
	host, port, err := net.SplitHostPort(c.Server.Listen)
	if err != nil {
		return "http://" + c.Server.Listen
	}
	if addr, err := netip.ParseAddr(host); host == "" || err == nil && addr.IsUnspecified() {
		host = "localhost"
	}
	if port == "80" {
		return "http://" + strings.TrimSuffix(net.JoinHostPort(host, ""), ":")
	}
	return "http://" + net.JoinHostPort(host, port)
}

// HasPublicAddress reports whether absolute addresses can be made: server.public_url is set, or only this machine
// reaches the server.
func (c Config) HasPublicAddress() bool {
	if c.Server.PublicURL != "" {
		return true
	}
	host, _, err := net.SplitHostPort(c.Server.Listen)
	return err != nil || isLoopbackHost(host) // what is no address is a fault of its own
}

func isLoopbackHost(host string) bool {
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback() || isLoopbackName(host)
}

// TrustedNetworks are the networks of server.trusted_proxies; what is none is left out.
func (c Config) TrustedNetworks() []netip.Prefix { return networks(c.Server.TrustedProxies) }

func networks(texts []string) []netip.Prefix {
	var out []netip.Prefix
	for _, text := range texts {
		if p, ok := parseNetwork(text); ok {
			out = append(out, p)
		}
	}
	return out
}

// SQLitePath is the file of an SQLite store; ok is false for other stores.
func (c Config) SQLitePath() (path string, ok bool) {
	return strings.CutPrefix(c.Store.URL.Reveal(), "sqlite:")
}

// KeyFile is the master key's file: keys.file, else gatehouse.key beside the SQLite file. Empty = there is none.
func (c Config) KeyFile() string {
	if c.Keys.File != "" {
		return c.Keys.File
	}
	if path, ok := c.SQLitePath(); ok {
		return filepath.Join(filepath.Dir(path), "gatehouse.key")
	}
	return ""
}

// PasskeyHost is the host that passkeys are bound to; empty = there are no passkeys.
func (c Config) PasskeyHost() string {
	if c.Passkeys.Enabled == "off" || !c.HasPublicAddress() {
		return ""
	}
	u, err := url.Parse(c.PublicURL())
	if err != nil {
		return ""
	}
	host := strings.ToLower(u.Hostname())
	if _, err := netip.ParseAddr(host); err == nil || host == "" {
		return ""
	}
	if u.Scheme != "https" && !isLoopbackName(host) {
		return ""
	}
	return host
}

func (c Config) passkeysCreate() bool {
	return c.PasskeyHost() != "" && c.Passkeys.AtCreation == "optional"
}

func (c Config) passkeysSignIn() bool {
	return c.PasskeyHost() != "" && (c.Passkeys.SignIn || c.Passkeys.AtCreation == "optional")
}

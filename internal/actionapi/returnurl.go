package actionapi

import (
	"slices"
	"strconv"
	"strings"
)

// linkSchemes are the schemes of addresses that lead to a host; plainSchemes those of addresses that do not.
func linkSchemes() []string {
	return []string{"http", "https", "ftp", "ftps", "sftp", "git", "gopher", "irc", "ircs", "mms", "nntp", "redis", "ssh", "svn",
		"telnet", "wikipedia", "worldwind"}
}

func plainSchemes() []string {
	return []string{"bitcoin", "geo", "magnet", "mailto", "matrix", "news", "sip", "sips", "sms", "tel", "urn", "xmpp"}
}

// validReturnURL reports whether s is an absolute address of a scheme that people put into links. It says nothing of host
// and path: only a provider that redirects cares for them, and asks for more.
func validReturnURL(s string) bool {
	scheme, rest, ok := strings.Cut(s, ":")
	if !ok || !validScheme(scheme) {
		return false
	}
	scheme = strings.ToLower(scheme)
	if !slices.Contains(linkSchemes(), scheme) && !slices.Contains(plainSchemes(), scheme) {
		return false
	}
	if authority, ok := strings.CutPrefix(rest, "//"); ok {
		return validAuthority(authority)
	}
	return !looksLikePort(rest)
}

func validScheme(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z':
		case i > 0 && ('0' <= c && c <= '9' || c == '+' || c == '-' || c == '.'):
		default:
			return false
		}
	}
	return s != ""
}

// looksLikePort tells "host:80" from an address without an authority.
func looksLikePort(s string) bool {
	digits, _, _ := strings.Cut(s, "/")
	_, err := strconv.ParseUint(digits, 10, 16)
	return err == nil
}

// validAuthority wants a host, and a number where a port is given.
func validAuthority(s string) bool {
	if end := strings.IndexAny(s, "/?#"); end >= 0 {
		s = s[:end]
	}
	s = s[strings.LastIndexByte(s, '@')+1:]
	host, port := s, ""
	if colon := strings.LastIndexByte(s, ':'); colon > strings.LastIndexByte(s, ']') {
		host, port = s[:colon], s[colon+1:]
	}
	if port != "" {
		if _, err := strconv.ParseUint(port, 10, 16); err != nil {
			return false
		}
	}
	return host != ""
}

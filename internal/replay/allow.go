package replay

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// ErrAllow is a list of allowed differences that cannot be understood.
var ErrAllow = errors.New("not a list of allowed differences")

// Allow is a list of differences that are known, each with a reason.
type Allow struct{ Rules []AllowRule }

// AllowRule allows differences at the paths that its pattern fits, where * stands for anything. A pattern with a colon has the
// module before it: "query+userinfo:json.query.userinfo.rights*".
type AllowRule struct {
	Pattern, Reason string
	Used            bool
	module, path    *regexp.Regexp
}

// ReadAllow reads one rule a line: pattern, blank, reason. Empty lines and those that begin with # are skipped.
func ReadAllow(from io.Reader) (*Allow, error) {
	out := &Allow{}
	lines := bufio.NewScanner(from)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		pattern, reason, _ := strings.Cut(line, " ")
		if reason = strings.TrimSpace(reason); reason == "" {
			return nil, fmt.Errorf("%w: line %d gives no reason for %s", ErrAllow, n, pattern)
		}
		module, path, ok := strings.Cut(pattern, ":")
		if !ok {
			module, path = "*", pattern
		}
		out.Rules = append(out.Rules, AllowRule{Pattern: pattern, Reason: reason, module: glob(module), path: glob(path)})
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read allowed differences: %w", err)
	}
	return out, nil
}

func glob(pattern string) *regexp.Regexp {
	return regexp.MustCompile("(?s)^" + strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, ".*") + "$")
}

// permits gives the reason of the first rule that fits, and marks it as used.
func (a *Allow) permits(module, path string) (reason string, ok bool) {
	if a == nil {
		return "", false
	}
	for i := range a.Rules {
		r := &a.Rules[i]
		if r.module.MatchString(module) && r.path.MatchString(path) {
			r.Used = true
			return r.Reason, true
		}
	}
	return "", false
}

// Unused lists the patterns that no difference needed.
func (a *Allow) Unused() []string {
	var out []string
	for _, r := range a.Rules {
		if !r.Used {
			out = append(out, r.Pattern)
		}
	}
	return out
}

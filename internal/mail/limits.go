package mail

import (
	"crypto/sha256"
	"encoding/hex"
	"net/netip"

	"gatehouse/auth"
	"gatehouse/internal/throttle"
)

// Refusal is the key of what is told where a limit on mail is full.
const Refusal = "actionthrottledtext"

// Limits bound how much mail may be caused. Resends count like everything else. No rules = no limit.
type Limits struct {
	// PerAddress is for one mailbox, whatever the spelling of its address.
	PerAddress throttle.Rules
	// PerDomain is for all mailboxes of one domain.
	PerDomain throttle.Rules
	// PerNetwork is for what one IPv4 address or IPv6 /64 causes; the factor is for the /48.
	PerNetwork throttle.Rules
}

var _ auth.MailLimiter = Limits{}

// Counters implements auth.MailLimiter. An address that is none has only the counters of its network.
func (l Limits) Counters(to string, network netip.Prefix) []auth.Counter {
	var out []auth.Counter
	if a, err := ParseAddress(to); err == nil {
		// A digest, so that the counters are no list of addresses.
		sum := sha256.Sum256([]byte("mailbox " + a.mailbox()))
		out = append(out, l.PerAddress.Counters(act("address"), hex.EncodeToString(sum[:16]))...)
		out = append(out, l.PerDomain.Counters(act("domain"), a.Domain)...)
	}
	if network.IsValid() {
		out = append(out, l.PerNetwork.OfNetwork(act("network"), network.Addr())...)
	}
	return out
}

func act(what string) throttle.Act { return throttle.Act{Name: "mail-" + what, Refusal: Refusal} }

package mail

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/store"
	"gatehouse/internal/throttle"
)

// TestRow16Limits is row 16 of the security checklist: mail is limited for each mailbox, each domain and each network,
// whatever causes it.
func TestRow16Limits(t *testing.T) {
	hour := func(n, factor int64) throttle.Rules {
		return throttle.Rules{{Count: n, Per: time.Hour, NetworkFactor: factor}}
	}
	limits := Limits{PerAddress: hour(3, 0), PerDomain: hour(7, 0), PerNetwork: hour(5, 2)}
	from := func(i int) netip.Prefix { return auth.Network(netip.AddrFrom4([4]byte{192, 0, 2, byte(i)})) }
	sixth := func(i int) netip.Prefix { return auth.Network(netip.MustParseAddr(fmt.Sprintf("2001:db8:0:%x::1", i))) }
	for name, c := range map[string]struct {
		to      func(i int) string
		network func(i int) netip.Prefix
		want    int
		counter string
	}{
		"many networks to one address": {func(int) string { return "victim@a.example" }, from, 3, "mail-address:"},
		"in many spellings":            {func(i int) string { return fmt.Sprintf("Victim+%d@A.example", i) }, from, 3, "mail-address:"},
		"to many of one domain":        {func(i int) string { return fmt.Sprintf("v%d@a.example", i) }, from, 7, "mail-domain:"},
		"one network to many":          {func(i int) string { return fmt.Sprintf("v@a%d.example", i) }, func(int) netip.Prefix { return from(1) }, 5, "mail-network:"},
		"one /48 to many":              {func(i int) string { return fmt.Sprintf("v@a%d.example", i) }, sixth, 10, "mail-network:"},
	} {
		t.Run(name, func(t *testing.T) {
			st, err := store.Open(t.Context(), "memory:", store.Options{Migrate: true, Clock: now})
			if err != nil {
				t.Fatal(err)
			}
			defer st.Close()
			sent := 0
			for i := range 20 {
				err := st.Rise(t.Context(), limits.Counters(c.to(i), c.network(i)))
				var full *auth.LimitError
				switch {
				case err == nil:
					sent++
				case !errors.As(err, &full):
					t.Fatal(err)
				case full.Counter.Refusal != Refusal || !strings.HasPrefix(full.Counter.Key, c.counter):
					t.Errorf("refused by %+v", full.Counter)
				}
			}
			if sent != c.want {
				t.Errorf("%d mails, want %d", sent, c.want)
			}
		})
	}
}

func TestCounters(t *testing.T) {
	limits := Limits{PerAddress: throttle.Rules{{Count: 1, Per: time.Hour}}, PerDomain: throttle.Rules{{Count: 1, Per: time.Hour}}, PerNetwork: throttle.Rules{{Count: 1, Per: time.Hour}}}
	network := auth.Network(netip.MustParseAddr("192.0.2.1"))
	for _, c := range []struct {
		to      string
		network netip.Prefix
		want    int
	}{{"ann@a.example", network, 3}, {"ann@a.example", netip.Prefix{}, 2}, {"nonsense", network, 1}, {"", netip.Prefix{}, 0}} {
		got := limits.Counters(c.to, c.network)
		if len(got) != c.want {
			t.Errorf("%q, %v: %+v", c.to, c.network, got)
		}
		for _, counter := range got {
			if strings.Contains(counter.Key, "ann") {
				t.Errorf("the key names somebody: %s", counter.Key)
			}
		}
	}
	if got := (Limits{}).Counters("ann@a.example", network); len(got) != 0 {
		t.Errorf("no limits: %+v", got)
	}
}

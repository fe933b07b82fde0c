package totp

import (
	"sync"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/authtest"
	"gatehouse/internal/message"
)

func TestLogin(t *testing.T) {
	onBoth(t, Off, func(f *fixture) {
		l := &auth.Login{Creator: authtest.Visitor(), Account: f.account("Ben")}
		if r, err := f.BeginLogin(f.Context(), l); err != nil || r.Status != auth.Abstain {
			f.Errorf("without a factor: %+v, %v", r, err)
		}
		l.Account = f.enrolled("Ann")
		r, err := f.BeginLogin(f.Context(), l)
		if err != nil || r.Status != auth.UI || key(r) != "oathauth-auth-ui" || len(r.Requests) != 1 ||
			r.Requests[0].ID != `MediaWiki\Extension\OATHAuth\Auth\TOTPAuthenticationRequest` || r.Requests[0].Fields[0].Name != "OATHToken" {
			f.Fatalf("asks %+v, %v", r, err)
		}
		for _, tt := range []struct {
			code string
			want message.Key
		}{
			{"", keyLoginFailed}, {f.code(someSecret, 2), keyLoginFailed}, {"AAAABBBBCCCCDDDX", keyLoginFailed}, {f.code(someSecret, -1), ""},
			{f.code(someSecret, -1), keyLoginFailed}, {f.code(someSecret, 0), ""}, {"aaaabbbb ccccdddd", ""}, {"AAAABBBBCCCCDDDD", keyLoginFailed},
			{"used", keyLoginFailed},
		} {
			l.Answers = typed(loginID, loginField, tt.code)
			r, err := f.ContinueLogin(f.Context(), l)
			f.try(err)
			if key(r) != tt.want || (r.Status == auth.Pass) != (tt.want == "") {
				f.Errorf("code %q: %s %s", tt.code, r.Status, key(r))
			}
		}
		if after := f.fresh(l.Account); after.Stamp != l.Account.Stamp {
			f.Error("using codes counts as a change of credentials")
		}
	})
}

// TestOneCodeManyServers (rows 44 and 46 of the security checklist): of many that bring one code at once, on two servers, one
// gets in.
func TestOneCodeManyServers(t *testing.T) {
	onBoth(t, Off, func(f *fixture) {
		a := f.enrolled("Ann")
		servers := []*Provider{f.Provider, f.instance(Off)}
		for _, code := range []string{f.code(someSecret, 0), "EEEEFFFFGGGGHHHH"} {
			var mu sync.Mutex
			var wg sync.WaitGroup
			taken := 0
			for i := range 16 {
				wg.Go(func() {
					ok, err := servers[i%2].spend(f.Context(), a, code)
					mu.Lock()
					defer mu.Unlock()
					if err != nil {
						f.Error(err)
					}
					if ok {
						taken++
					}
				})
			}
			wg.Wait()
			if taken != 1 {
				f.Errorf("%s was taken %d times", code, taken)
			}
		}
	})
}

// TestGuesses (row 44 of the security checklist): ten a minute and a hundred a day, for all servers; the right code forgets
// them.
func TestGuesses(t *testing.T) {
	onBoth(t, Off, func(f *fixture) {
		l := &auth.Login{Creator: authtest.Visitor(), Account: f.enrolled("Ann")}
		try := func(code string) auth.Response {
			l.Answers = typed(loginID, loginField, code)
			r, err := f.ContinueLogin(f.Context(), l)
			f.try(err)
			return r
		}
		for i := range 10 {
			if r := try("000000"); key(r) != keyLoginFailed {
				f.Fatalf("guess %d: %s", i, key(r))
			}
		}
		r := try(f.code(someSecret, 0))
		if r.Status != auth.UI || key(r) != keyThrottled || r.Messages[0].Params[0].Number > 60 {
			f.Errorf("after ten: %+v", r)
		}
		f.mu.Lock()
		f.now = f.now.Add(time.Minute)
		f.mu.Unlock()
		if r := try(f.code(someSecret, 0)); r.Status != auth.Pass {
			f.Fatalf("a minute later: %+v", r)
		}
		f.mu.Lock()
		f.now = f.now.Add(time.Minute)
		f.mu.Unlock()
		refused := 0
		for range 110 {
			if key(try("000000")) == keyThrottled {
				refused++
				f.mu.Lock()
				f.now = f.now.Add(time.Minute)
				f.mu.Unlock()
			}
		}
		if r := try(f.code(someSecret, 0)); key(r) != keyThrottled || r.Messages[0].Params[0].Number < 3600 {
			f.Errorf("after a hundred (%d refused): %+v", refused, r)
		}
	})
}

package siteverify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
)

// The faults that are no vendor's own: nobody answered, or not in JSON.
const (
	FaultHTTP = "http"
	FaultJSON = "json"
)

const (
	// maxResponse bounds what a visitor sends; the vendors' have up to some thousand bytes.
	maxResponse = 16 << 10
	maxAnswer   = 16 << 10
	patience    = 5 * time.Second
)

// Config is what a Verifier works with.
type Config struct {
	Vendor Vendor
	// Secret is what the vendor knows this site by.
	Secret string
	// Hosts are the names of the pages that the captcha may have been solved on, in small letters.
	Hosts []string
	// Endpoint takes the place of the vendor's, for tests; empty = the vendor's.
	Endpoint string
	// Transport sends the questions; nil = http.DefaultTransport.
	Transport http.RoundTripper
}

// Verifier is safe for concurrent use. Build it with New.
type Verifier struct {
	cfg    Config
	client *http.Client
}

// New makes a verifier, or says what is missing.
func New(c Config) (*Verifier, error) {
	if c.Vendor.Name == "" || c.Secret == "" || len(c.Hosts) == 0 {
		return nil, errors.New("verifier of an outside captcha: vendor, secret and hosts are needed")
	}
	if c.Endpoint == "" {
		c.Endpoint = c.Vendor.Endpoint
	}
	return &Verifier{cfg: c, client: &http.Client{
		Transport: c.Transport, Timeout: patience,
		// The secret goes to the vendor's address and to no other.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// Question is what a visitor sent, for which act, from where.
type Question struct {
	Response string
	Action   string
	Remote   netip.Addr // invalid = it is not told
}

// Verdict is what became of a question. The zero value is a refusal.
type Verdict struct {
	Solved bool
	// Fault is what kept the vendor from a verdict: FaultHTTP, FaultJSON, or the vendor's own word when it listed error codes.
	// Empty = there is a verdict.
	Fault string
	// Detail says more of a fault, for the log. It has neither the secret nor the visitor's response in it.
	Detail string
}

// answer is what the vendors have in common.
type answer struct {
	Success  bool     `json:"success"`
	Hostname string   `json:"hostname"`
	Action   string   `json:"action"`
	Errors   []string `json:"error-codes"`
}

// Verify asks the vendor. What cannot be an answer is refused without asking.
func (v *Verifier) Verify(ctx context.Context, q Question) Verdict {
	if q.Response == "" || len(q.Response) > maxResponse {
		return Verdict{}
	}
	a, verdict := v.ask(ctx, q)
	switch {
	case verdict.Fault != "":
		return verdict
	case len(a.Errors) > 0:
		return Verdict{Fault: v.cfg.Vendor.Fault, Detail: shorten(strings.Join(a.Errors, ", "))}
	case !slices.Contains(v.cfg.Hosts, strings.ToLower(a.Hostname)):
		return Verdict{} // solved for another site
	case v.cfg.Vendor.TellsAction && a.Action != q.Action:
		return Verdict{} // solved for another act
	}
	return Verdict{Solved: a.Success}
}

func (v *Verifier) ask(ctx context.Context, q Question) (answer, Verdict) {
	form := url.Values{"secret": {v.cfg.Secret}, "response": {q.Response}}
	if q.Remote.IsValid() {
		form.Set("remoteip", q.Remote.Unmap().WithZone("").String())
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, v.cfg.Endpoint, strings.NewReader(form.Encode()))
	if err != nil {
		return answer{}, Verdict{Fault: FaultHTTP, Detail: shorten(err.Error())}
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Accept", "application/json")
	response, err := v.client.Do(request)
	if err != nil {
		return answer{}, Verdict{Fault: FaultHTTP, Detail: shorten(err.Error())}
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	switch {
	case err != nil:
		return answer{}, Verdict{Fault: FaultHTTP, Detail: shorten(err.Error())}
	case response.StatusCode != http.StatusOK:
		return answer{}, Verdict{Fault: FaultHTTP, Detail: fmt.Sprintf("status %d", response.StatusCode)}
	case len(text) > maxAnswer:
		return answer{}, Verdict{Fault: FaultJSON, Detail: "the answer is too long"}
	}
	var a answer
	if err := json.Unmarshal(text, &a); err != nil {
		return answer{}, Verdict{Fault: FaultJSON, Detail: shorten(err.Error())}
	}
	return a, Verdict{}
}

// shorten bounds what others wrote before it is logged.
func shorten(text string) string {
	const most = 300
	if len(text) > most {
		text = text[:most]
	}
	return strings.ToValidUTF8(strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, text), "")
}

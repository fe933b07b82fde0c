package actionapi

import (
	"context"
	"testing"
	"time"

	"gatehouse/auth"
)

// annsApp are the second factors of a site on which Ann has one.
type annsApp struct{}

func (annsApp) Enabled(_ context.Context, a auth.Account) (bool, error) { return a.Name == "Ann", nil }

func (annsApp) Check(_ context.Context, _ auth.Account, code string) (bool, *auth.LimitError, error) {
	if code == "slow" {
		return false, &auth.LimitError{Wait: time.Minute}, nil
	}
	return code == "123456", nil, nil
}

// TestOATHForSysops: who has the lesser right says why they ask, and tries no codes.
func TestOATHForSysops(t *testing.T) {
	s := newSite(t, change{api: func(c *Config) { c.Factors = annsApp{} }})
	s.create(t, "Ann")
	s.create(t, "Sue", "sysop")
	sue := s.signedIn(t, "Sue")
	for query, want := range map[string]string{
		"oathuser=Ann&oathreason=x": `{"batchcomplete":true,"query":{"oath":{"enabled":true}}}`,
		"oathreason=x":              `{"batchcomplete":true,"query":{"oath":{"enabled":false}}}`,
	} {
		if got := sue.get("action=query&meta=oath&format=json&formatversion=2&" + query).text; got != want {
			t.Errorf("%s: %s", query, got)
		}
	}
	if a := sue.get("action=query&meta=oath&format=json&oathuser=Ann"); a.at("error.code") != "missingparam" {
		t.Errorf("without a reason: %s", a.text)
	}
	a := sue.post(`action=oathvalidate&user=Ann&format=json&data={"token":"123456"}`, "token", sue.token("csrf"))
	if a.at("error.code") != "permissiondenied" {
		t.Errorf("a code: %s", a.text)
	}
}

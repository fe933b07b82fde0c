package testserver

import (
	"fmt"
	"slices"
	"strings"

	"gatehouse"
)

// Scenario is what a space asks of new accounts.
type Scenario string

// The scenarios.
const (
	Plain   Scenario = "plain"   // a name and a password
	Captcha Scenario = "captcha" // and the word of a picture
	Full    Scenario = "full"    // and a visit at an OpenID provider, and an optional second factor
)

// Scenarios lists them all.
func Scenarios() []Scenario { return []Scenario{Plain, Captcha, Full} }

func (s Scenario) check() error {
	if slices.Contains(Scenarios(), s) {
		return nil
	}
	return refuse("there is no scenario %q: take plain, captcha or full", s)
}

// origin names the scenario's own settings in faults.
const origin = "the test server"

// settings are the scenario's defaults: no limits, a weak hash, everything in memory, a quiet log.
func (s Scenario) settings() []gatehouse.Flag {
	own := []string{
		"store.url=memory:", "log.level=error",
		"password.hash=pbkdf2-sha512", "password.pbkdf2_iterations=1", "password.allow_weak=true", "password.hashes_per_network=0",
		"throttle.creations=[]", "throttle.attempts=[]", "throttle.checks=[]", "throttle.resets=[]", "throttle.logins=[]",
		"captcha.wrong_answers=[]",
		"mail.per_address=[]", "mail.per_domain=[]", "mail.per_network=[]",
	}
	if s != Plain {
		own = append(own, "captcha.kind=image")
	}
	if s == Full {
		own = append(own, "totp.at_creation=optional")
	}
	flags := make([]gatehouse.Flag, len(own))
	for i, pair := range own {
		key, value, _ := strings.Cut(pair, "=")
		flags[i] = gatehouse.Flag{Name: origin, Key: key, Value: value}
	}
	return flags
}

// Refusal is a "no" with what to do about it.
type Refusal string

func (r Refusal) Error() string { return string(r) }

func refuse(format string, args ...any) error { return Refusal(fmt.Sprintf(format, args...)) }

// notForTests refuses what belongs to a server for people: its store, its keys, its mail server.
func notForTests(cfg gatehouse.Config) error {
	switch {
	case cfg.Store.URL != "memory:":
		return refuse("the test server keeps everything in memory and touches no real store: leave store.url out (it is %s; "+
			"look at --store, --set, the configuration file and GATEHOUSE_STORE_URL)", cfg.Store.URL)
	case cfg.Keys.File != "":
		return refuse("the test server makes keys of its own and reads no real ones: leave keys.file out")
	case cfg.Mail.SMTP != "":
		return refuse("the test server sends no mail: leave mail.smtp out, and read the mail with GET /_test/mail")
	case cfg.Server.AdminListen != "":
		return refuse("the test server has no listener for operators: leave server.admin_listen out")
	}
	return nil
}

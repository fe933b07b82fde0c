package main

import (
	"gatehouse/auth"
	"gatehouse/crashtest/rig"
)

// checkRound looks, through the API, at every name of the round, and tries those again whose outcome is open. Then it looks into
// the tables. It needs a database and servers that work, and no load.
func (s *scene) checkRound() {
	s.t.Helper()
	l := s.load
	names := make([]string, len(l.deeds))
	for i, d := range l.deeds {
		names[i] = d.name
	}
	exist := rig.NewVisitor(l.urls[0]).Existing(s.t, names)
	passed, open, there := 0, 0, 0
	for _, d := range l.deeds {
		if d.promised {
			passed++
			s.promised = append(s.promised, d.name)
		}
		if d.unknown && !d.promised {
			open++
			if exist[d.name] {
				there++
			}
		}
		s.checkDeed(d, exist[d.name])
	}
	s.d.CheckNoHalves()
	s.checkTables()
	s.t.Logf("round %d: %d accounts promised, all there; of %d open ones %d had happened; clients met %v", l.round+1, passed, open, there, l.broken)
}

// checkDeed holds what a name was answered against what is there.
func (s *scene) checkDeed(d *deed, exists bool) {
	s.t.Helper()
	switch {
	case d.passes > 1:
		s.t.Errorf("%s: %d times PASS", d.name, d.passes)
	case d.promised && !exists:
		s.t.Errorf("%s was answered PASS and is not there", d.name)
	case exists && !d.promised && !d.unknown:
		s.t.Errorf("%s is there, and nobody was told so", d.name)
	}
	if d.unknown {
		s.tryAgain(d, exists)
	}
	if exists {
		s.checkSignIn(d)
	}
}

// tryAgain asks once more for a name whose answer was lost, with the cookie from before the fault.
func (s *scene) tryAgain(d *deed, exists bool) {
	s.t.Helper()
	v := d.visitors[0]
	want := "PASS"
	if exists {
		want = "userexists"
		d.visitors = append(d.visitors, v) // it is no surprise
	}
	d.passes = 0
	if got := s.load.attempt(d, v); got.String() != want {
		s.t.Errorf("%s, tried again after its answer was lost: %+v; want %s", d.name, got, want)
	}
	if !exists {
		s.promised = append(s.promised, d.name)
		s.checkSignIn(d)
	}
}

// checkSignIn signs in, with the second factor if it was set up.
func (s *scene) checkSignIn(d *deed) {
	s.t.Helper()
	secrets := append([]string{""}, d.maybe...) // one of them may have been set up
	if d.enrolled != "" {
		secrets = []string{d.enrolled}
		asked := s.load.stranger()
		defer asked.Leave()
		if got, err := asked.SignIn(d.name, ""); err != nil || got.Status != "UI" {
			s.t.Errorf("%s has a second factor and is not asked for it: %+v, %v", d.name, got, err)
		}
	}
	var got rig.Answer
	var err error
	for _, secret := range secrets {
		v := s.load.stranger()
		got, err = v.SignIn(d.name, secret)
		v.Leave()
		if err == nil && got.Status == "PASS" && got.Username == d.name {
			return
		}
	}
	s.t.Errorf("%s cannot sign in: %+v, %v", d.name, got, err)
}

// checkTables holds what a creation leaves beside the account against the accounts.
func (s *scene) checkTables() {
	s.t.Helper()
	for what, query := range map[string]string{
		"accounts with an address without exactly one mail": `SELECT count(*) FROM (SELECT a.id FROM account a LEFT JOIN outbox o ON o.account = a.id
			WHERE a.email <> '' GROUP BY a.id HAVING count(o.id) <> 1) AS few`,
		"mails of accounts without an address": `SELECT count(*) FROM outbox o JOIN account a ON a.id = o.account WHERE a.email = ''`,
	} {
		if n := s.d.Count(query); n != 0 {
			s.t.Errorf("%d %s", n, what)
		}
	}
	accounts := s.d.Count(`SELECT count(*) FROM account`)
	if n := s.d.Count(`SELECT coalesce(sum(count), 0) FROM counter WHERE key LIKE 'create:%'`); n != accounts {
		s.t.Errorf("%d creations were counted, and there are %d accounts", n, accounts)
	}
}

// checkAll is for the end: the two public lists against each other and against what was promised in all rounds, and the mail.
func (s *scene) checkAll() {
	s.t.Helper()
	s.finishMail()
	looker := rig.NewVisitor(s.urls[0])
	accounts, logged := looker.AllAccounts(s.t), looker.AllLogged(s.t)
	for _, name := range s.promised {
		if accounts[name] != 1 || logged[name] != 1 {
			s.t.Errorf("%s was answered PASS: %d accounts, %d log entries", name, accounts[name], logged[name])
		}
	}
	for name, n := range accounts {
		if n != 1 || logged[name] != 1 {
			s.t.Errorf("%s: %d accounts, %d log entries", name, n, logged[name])
		}
	}
	if len(logged) != len(accounts) {
		s.t.Errorf("%d names in the log, %d accounts", len(logged), len(accounts))
	}
	s.checkMail()
	s.t.Logf("in the end: %d accounts, %d of them promised, none lost and none twice", len(accounts), len(s.promised))
}

// finishMail ends the leases of the dead and waits until everything has left.
func (s *scene) finishMail() {
	s.t.Helper()
	for i := range s.servers {
		s.servers[i].Stop()
	}
	s.d.AwaitQuiet()
	s.noteMail()
	if _, err := s.d.Writable().Exec(`UPDATE outbox SET due = 1 WHERE state = 'sending'`); err != nil {
		s.t.Fatal(err)
	}
	s.startAll()
	rig.Await(s.t, "the mail to leave", func() bool {
		return s.d.Count(`SELECT count(*) FROM outbox WHERE state IN ('queued', 'sending')`) == 0
	})
}

// noteMail remembers, after servers died, which messages had arrived without a record of it: they may arrive once more.
func (s *scene) noteMail() {
	s.t.Helper()
	arrived := s.arrived()
	rows, err := s.d.Look().Query(`SELECT message_id FROM outbox WHERE state <> 'sent'`)
	if err != nil {
		s.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			s.t.Fatal(err)
		}
		if arrived[id] > 0 {
			s.unrecorded[id]++
		}
	}
	if err := rows.Err(); err != nil {
		s.t.Fatal(err)
	}
}

// arrived counts how often each message was accepted.
func (s *scene) arrived() map[string]int {
	out := map[string]int{}
	for _, m := range s.sink.Accepted() {
		out[m.ID]++
	}
	return out
}

// checkMail: every message arrived, once for each server that died between its acceptance and the record, and once more.
func (s *scene) checkMail() {
	s.t.Helper()
	rows, err := s.d.Look().Query(`SELECT message_id, state FROM outbox`)
	if err != nil {
		s.t.Fatal(err)
	}
	defer rows.Close()
	arrived, mails, again := s.arrived(), 0, 0
	for ; rows.Next(); mails++ {
		var id, state string
		if err := rows.Scan(&id, &state); err != nil {
			s.t.Fatal(err)
		}
		switch n := arrived[id]; {
		case n == 0 || state != string(auth.MailSent):
			s.t.Errorf("mail %s is lost: arrived %d times, %s", id, n, state)
		case n > 1+s.unrecorded[id]:
			s.t.Errorf("mail %s arrived %d times, and %d deaths explain one more each", id, n, s.unrecorded[id])
		default:
			again += n - 1
		}
		delete(arrived, id)
	}
	for id := range arrived {
		s.t.Errorf("mail %s arrived and is not in the outbox", id)
	}
	s.t.Logf("%d mails, none lost, %d arrived once more under their message id where a server died between acceptance and record", mails, again)
}

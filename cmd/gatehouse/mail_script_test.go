package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	netmail "net/mail"
	"path/filepath"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"gatehouse/auth"
	"gatehouse/internal/keyring"
	"gatehouse/internal/mail"
	"gatehouse/internal/mail/mailtest"
	"gatehouse/internal/store"
)

// queuemail KIND NAME ADDRESS [VALUE=TEXT …] queues a mail in $STORE, as a server does that makes the account.
func queuemail(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: queuemail KIND NAME ADDRESS [VALUE=TEXT …]")
	}
	m := auth.Mail{Kind: auth.MailKind(args[0]), Name: auth.Name(args[1]), To: args[2], Values: map[string]string{}}
	for _, pair := range args[3:] {
		name, text, _ := strings.Cut(pair, "=")
		m.Values[name] = text
	}
	ts.Check(queue(context.Background(), ts, m))
}

func queue(ctx context.Context, ts *testscript.TestScript, m auth.Mail) (err error) {
	st, err := store.Open(ctx, ts.Getenv("STORE"), store.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	file := ts.Getenv("GATEHOUSE_KEYS_FILE")
	if path, ok := strings.CutPrefix(ts.Getenv("STORE"), "sqlite:"); ok {
		file = filepath.Join(filepath.Dir(path), "gatehouse.key")
	}
	keys, err := keyring.Open(ctx, keyring.Config{Store: st, MasterFile: file})
	if err != nil {
		return err
	}
	composer, err := mail.NewComposer(mail.ComposerConfig{
		Keys: keys, From: netmail.Address{Address: "noreply@wiki.example"}, Clock: time.Now, Random: rand.Reader,
	})
	if err != nil {
		return err
	}
	item, err := composer.Compose(m)
	if err != nil {
		return err
	}
	_, err = st.CreateAccount(ctx, auth.Draft{Nonce: rand.Text(), Account: auth.Account{Name: m.Name}, Outbox: []auth.OutboxItem{item}})
	return err
}

type sinkKey struct{}

// mailsink starts a mail server at $SINK, which says 550 to addresses that begin with nobody. mailsink NUMBER waits until that
// many messages were accepted, and prints them.
func mailsink(ts *testscript.TestScript, neg bool, args []string) {
	sink := ts.Value(sinkKey{}).(*mailtest.Sink)
	if neg || len(args) > 1 {
		ts.Fatalf("usage: mailsink [NUMBER]")
	}
	if len(args) == 0 {
		ts.Setenv("SINK", sink.URL())
		return
	}
	for deadline := time.After(time.Minute); ; {
		changed := sink.Changed()
		accepted := sink.Accepted()
		if fmt.Sprint(len(accepted)) == args[0] {
			for _, m := range accepted {
				fmt.Fprintf(ts.Stdout(), "%s\n", m.Data)
			}
			return
		}
		select {
		case <-changed:
		case <-deadline:
			ts.Fatalf("%d messages were accepted", len(accepted))
		}
	}
}

// awaitmail STATE NUMBER waits until so many mails of $STORE stand in that state.
func awaitmail(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: awaitmail STATE NUMBER")
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	st, err := store.Open(ctx, ts.Getenv("STORE"), store.Options{})
	ts.Check(err)
	ts.Defer(func() { st.Close() })
	for {
		rows, err := st.Mails(ctx, auth.MailQuery{State: auth.MailState(args[0]), Limit: 1000})
		ts.Check(err)
		if fmt.Sprint(len(rows)) == args[1] {
			return
		}
	}
}

package client

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// UserInfo is who the wiki takes the program for.
type UserInfo struct {
	ID        int64 // 0 for visitors
	Name      string
	Anonymous bool
	Temporary bool // an account that the wiki made by itself
	Groups    []string
	Rights    []string
}

// UserInfo asks who the session belongs to.
func (w *Wiki) UserInfo(ctx context.Context) (UserInfo, error) {
	a, err := w.Get(ctx, url.Values{"action": {"query"}, "meta": {"userinfo"}, "uiprop": {"groups|rights"}})
	if err != nil {
		return UserInfo{}, fmt.Errorf("ask who I am: %w", err)
	}
	var out struct {
		Query struct {
			UserInfo struct {
				ID             int64
				Name           string
				Anon, Temp     flag
				Groups, Rights []string
			}
		}
	}
	if err := a.Decode(&out); err != nil {
		return UserInfo{}, fmt.Errorf("ask who I am: %w", err)
	}
	u := out.Query.UserInfo
	return UserInfo{ID: u.ID, Name: u.Name, Anonymous: bool(u.Anon), Temporary: bool(u.Temp), Groups: u.Groups, Rights: u.Rights}, nil
}

// UserExists tells whether there is an account of that name.
func (w *Wiki) UserExists(ctx context.Context, name string) (bool, error) {
	if strings.Contains(name, "|") {
		return false, nil // no name has one, and here it would part two
	}
	a, err := w.Get(ctx, url.Values{"action": {"query"}, "list": {"users"}, "ususers": {name}})
	if err != nil {
		return false, fmt.Errorf("look for %q: %w", name, err)
	}
	var out struct {
		Query struct{ Users []struct{ UserID int64 } }
	}
	if err := a.Decode(&out); err != nil {
		return false, fmt.Errorf("look for %q: %w", name, err)
	}
	return len(out.Query.Users) > 0 && out.Query.Users[0].UserID != 0, nil
}

// NewUser is an entry of the log of new users.
type NewUser struct {
	LogID int64
	// Action is how the account came to be: "create" by itself, "create2" by Creator, "byemail" by Creator with a mailed password,
	// "autocreate".
	Action  string
	Name    string // of the new account; "" where it is hidden
	UserID  int64
	Creator string // who did it; the new account itself with "create"
	Time    time.Time
	Comment string
}

// NewUsersOptions narrow the log. The zero value is all of it.
type NewUsersOptions struct {
	// Since and Until bound the time of the entries; zero = no bound.
	Since, Until time.Time
	Creator      string // entries of this one only
	Batch        int    // how many are fetched at once; 0 = 50
}

// NewUsers reads the log of new users, the youngest first, fetching on as long as somebody reads. An error ends it.
func (w *Wiki) NewUsers(ctx context.Context, o NewUsersOptions) iter.Seq2[NewUser, error] {
	return func(yield func(NewUser, error) bool) {
		params := o.params()
		for range 10_000 { // a wiki that never gets to an end is broken
			a, err := w.Get(ctx, params)
			if err != nil {
				yield(NewUser{}, fmt.Errorf("read the log: %w", err))
				return
			}
			var out logPage
			if err := a.Decode(&out); err != nil {
				yield(NewUser{}, fmt.Errorf("read the log: %w", err))
				return
			}
			for _, e := range out.Query.LogEvents {
				if !yield(e.entry(), nil) {
					return
				}
			}
			if len(out.Continue) == 0 {
				return
			}
			params = o.params()
			for name, value := range out.Continue {
				params.Set(name, string(value))
			}
		}
	}
}

func (o NewUsersOptions) params() url.Values {
	batch := o.Batch
	if batch <= 0 {
		batch = 50
	}
	out := url.Values{
		"action": {"query"}, "list": {"logevents"}, "letype": {"newusers"}, "lelimit": {strconv.Itoa(batch)},
		"leprop": {"ids|title|type|user|timestamp|comment|details"}, "continue": {""},
	}
	if !o.Until.IsZero() {
		out.Set("lestart", o.Until.UTC().Format(time.RFC3339))
	}
	if !o.Since.IsZero() {
		out.Set("leend", o.Since.UTC().Format(time.RFC3339))
	}
	if o.Creator != "" {
		out.Set("leuser", o.Creator)
	}
	return out
}

type logPage struct {
	Continue map[string]text
	Query    struct{ LogEvents []logEvent }
}

type logEvent struct {
	LogID                        int64
	Action, Title, User, Comment string
	Timestamp                    time.Time
	Params                       json.RawMessage // [] where it is empty
}

func (e logEvent) entry() NewUser {
	var params struct{ UserID int64 }
	_ = json.Unmarshal(e.Params, &params) // absent where it is hidden
	_, name, _ := strings.Cut(e.Title, ":")
	return NewUser{LogID: e.LogID, Action: e.Action, Name: name, UserID: params.UserID, Creator: e.User, Time: e.Timestamp, Comment: e.Comment}
}

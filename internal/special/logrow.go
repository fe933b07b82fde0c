package special

import (
	"net/url"
	"strings"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/message"
)

func logRowOf(v *Visit, e auth.LogEntry) logRow {
	row := logRow{Time: e.Time, Exact: e.Time.UTC().Format(time.RFC3339), Target: e.Target, Comment: e.Comment, How: logDeed(v, e)}
	if e.Type != auth.LogNewUsers || e.Action == auth.LogCreate2 || e.Action == auth.LogByEmail {
		row.By = e.Performer
		row.ByLink = v.link(logTitle(e.Type), url.Values{"user": {string(e.Performer)}})
	}
	return row
}

// logDeed says what was done, behind who did it.
func logDeed(v *Visit, e auth.LogEntry) string {
	switch {
	case e.Type == auth.LogBlock:
		return blockDeed(v, e)
	case e.Type == auth.LogRights:
		return rightsDeed(v, e)
	case e.Action == auth.LogByEmail:
		return v.text("gatehouse-log-byemail")
	case e.Action == auth.LogAutoCreate:
		return v.text("gatehouse-log-autocreate")
	case e.Action == auth.LogCreate2:
		return ""
	}
	return v.text("gatehouse-log-self")
}

func blockDeed(v *Visit, e auth.LogEntry) string {
	if e.Action == auth.LogBlockLifted {
		return v.text("gatehouse-log-unblocked")
	}
	key := message.Key("gatehouse-log-blocked")
	if e.Action == auth.LogBlockChanged {
		key = "gatehouse-log-reblocked"
	}
	if e.Details == nil || e.Details.Expires.IsZero() {
		return v.text(key + "-forever")
	}
	return v.text(key, message.Time(e.Details.Expires))
}

// rightsDeed tells the groups of before and after.
func rightsDeed(v *Visit, e auth.LogEntry) string {
	if e.Details == nil {
		return ""
	}
	groups := func(names []string) message.Param {
		if len(names) == 0 {
			return message.Nested(message.New("gatehouse-log-nogroups"))
		}
		return message.Plaintext(strings.Join(names, ", "))
	}
	return v.text("gatehouse-log-groups", groups(e.Details.OldGroups), groups(e.Details.NewGroups))
}

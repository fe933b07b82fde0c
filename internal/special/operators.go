package special

import (
	"context"
	"net/http"
	"slices"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/message"
)

// The pages of operators. Each is for those who have its right, and does no more than the right says.
const (
	titleOperators   title = "Special:Operators"
	titleNewAccounts title = "Special:NewAccounts"
	titleBlockList   title = "Special:BlockList"
	titleBlock       title = "Special:Block"
	titleUnblock     title = "Special:Unblock"
	titleMailQueue   title = "Special:MailQueue"
	titleLimits      title = "Special:Limits"
	titleFunnel      title = "Special:Funnel"
)

// operatorPage is a line of Special:Operators.
type operatorPage struct {
	title       title
	right       auth.Right
	Name, About message.Key
	Address     string
}

// operatorPages are all of them, whoever may see them.
func operatorPages() []operatorPage {
	return []operatorPage{
		{title: titleFunnel, right: auth.RightFunnel, Name: "gatehouse-funnel-title", About: "gatehouse-funnel-about"},
		{title: titleNewAccounts, right: auth.RightBlock, Name: "gatehouse-newaccounts-title", About: "gatehouse-newaccounts-about"},
		{title: titleBlock, right: auth.RightBlock, Name: "gatehouse-block-title", About: "gatehouse-block-about"},
		{title: titleBlockList, right: auth.RightBlock, Name: "gatehouse-blocklist-title", About: "gatehouse-blocklist-about"},
		{title: titleEventPasses, right: auth.RightEventPass, Name: "gatehouse-passes-title", About: "gatehouse-passes-about"},
		{title: titleLimits, right: auth.RightLimits, Name: "gatehouse-limits-title", About: "gatehouse-limits-about"},
		{title: titleMailQueue, right: auth.RightMailQueue, Name: "gatehouse-mailqueue-title", About: "gatehouse-mailqueue-about"},
	}
}

// operates lists what the visitor may look after.
func (c Config) operates(v *Visit) []operatorPage {
	if v.Anonymous() {
		return nil
	}
	rights := c.Manager.Rights(v.Creator.Account)
	return slices.DeleteFunc(operatorPages(), func(p operatorPage) bool { return !slices.Contains(rights, p.right) })
}

// operators is Special:Operators: the list of what the visitor may look after.
type operators struct{ cfg Config }

// Serve shows the list.
func (p operators) Serve(_ context.Context, v *Visit) (Answer, error) {
	pages := p.cfg.operates(v)
	if len(pages) == 0 {
		return deniedPage(v, "gatehouse-operators-title"), nil
	}
	for i := range pages {
		pages[i].Address = v.link(pages[i].title, nil)
	}
	return Answer{Template: "operators", Title: message.New("gatehouse-operators-title"), Data: pages}, nil
}

// deniedPage tells somebody that a page is not for them.
func deniedPage(v *Visit, heading message.Key) Answer {
	return Answer{
		Status: http.StatusForbidden, Template: "notice", Title: message.New(heading),
		Data: notice{Text: message.New("gatehouse-operators-denied"), SignIn: v.Anonymous()},
	}
}

// guarded is a page for those who have a right: others are told so before anything is read or done.
type guarded struct {
	cfg     Config
	right   auth.Right
	heading message.Key
	page    Page
}

// Serve lets those in who have the right.
func (g guarded) Serve(ctx context.Context, v *Visit) (Answer, error) {
	if !g.cfg.Manager.Allows(v.Creator.Account, g.right) {
		return deniedPage(v, g.heading), nil
	}
	return g.page.Serve(ctx, v)
}

// addOperators puts the pages of operators into the table.
func addOperators(c Config, pages map[string]entry) {
	add := func(page Page, right auth.Right, heading message.Key, posts bool, names ...string) {
		for _, name := range names {
			pages[name] = entry{page: guarded{c, right, heading, page}, posts: posts}
		}
	}
	pages["operators"] = entry{page: operators{c}}
	add(newAccounts{c}, auth.RightBlock, "gatehouse-newaccounts-title", false, "newaccounts")
	list := entry{page: blockList{c}, reads: true}
	pages["blocklist"], pages["listblocks"], pages["ipblocklist"] = list, list, list
	add(blockForm{c}, auth.RightBlock, "gatehouse-block-title", true, "block", "blockip", "blockuser")
	add(unblockForm{c}, auth.RightBlock, "gatehouse-unblock-title", true, "unblock")
	add(mailQueue{c}, auth.RightMailQueue, "gatehouse-mailqueue-title", true, "mailqueue")
	add(limitsPage{c}, auth.RightLimits, "gatehouse-limits-title", true, "limits")
	add(funnelPage{c}, auth.RightFunnel, "gatehouse-funnel-title", false, "funnel")
}

// option is a choice of a filter.
type option struct {
	Value, Label string
	Chosen       bool
}

// choose marks the option that the visitor chose; the first if it was none of them.
func choose(options []option, chosen string) (string, []option) {
	i := max(0, slices.IndexFunc(options, func(o option) bool { return o.Value == chosen }))
	options[i].Chosen = true
	return options[i].Value, options
}

// exact is a time as machines read it.
func exact(t time.Time) string { return t.UTC().Format(time.RFC3339) }

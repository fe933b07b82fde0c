package actionapi

import (
	"gatehouse/internal/actionapi/result"
)

// document puts the whole answer together: what stands before the data, warnings, an error or the data.
func (c *call) document(e *usageError) *result.Object {
	root := &c.room.root
	root.Members, root.Assoc = c.takeMembers(8), true
	if e == nil && c.headFirst {
		root.Add(c.head.Members)
	}
	c.addWarnings(root)
	if e == nil && !c.headFirst {
		root.Add(c.head.Members)
	}
	if e != nil {
		c.addError(root, e)
	}
	c.addRequested(root, e != nil)
	if e == nil {
		root.Add(c.body.Members)
	}
	return root
}

// addRequested echoes what the main parameters ask for. An error names the host unasked.
func (c *call) addRequested(root *result.Object, failed bool) {
	if id := c.in.lookup("requestid"); id != nil && !id.isList {
		root.Text("requestid", id.text)
	}
	if c.api.HostName != "" && (failed || c.in.asks("servedby")) {
		root.Text("servedby", c.api.HostName)
	}
	if c.in.asks("curtimestamp") {
		root.Put("curtimestamp", result.Time(c.now()))
	}
	if c.in.asks("responselanginfo") {
		root.Text("uselang", c.language().Code())
		root.Text("errorlang", c.errorLanguage().Code())
	}
}

// observe tells metrics how the call ended.
func (c *call) observe(status int) {
	c.countTurnedAway()
	if c.api.Observe == nil {
		return
	}
	o := Observation{Code: c.outcome, Status: status, Duration: c.api.Clock().Sub(c.began)}
	if c.module != nil {
		o.Module = c.module.path
	}
	c.api.Observe(c.ctx, o)
}

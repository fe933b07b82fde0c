package actionapi

import (
	"reflect"
	"strings"

	"gatehouse/internal/actionapi/result"
	"gatehouse/internal/message"
	"gatehouse/internal/wire"
)

// finding is one thing to tell the client: an error or a warning.
type finding struct {
	// msg is what people read; wire.Code gives the wire's word for it.
	msg message.Message
	// module is the path of who says it: "main", "createaccount", "query+tokens"; empty for a fault of the server, which no
	// documentation tells of.
	module string
	// data are further members of an error.
	data []result.Member
}

// usageError is an API error: the call is wrong in itself, or cannot be served. It is a Go error because it ends a module.
// Several things may be wrong: then the first, which is all that the format bc tells, is followed by the others.
type usageError struct {
	finding
	others []finding
	status int
	// header holds further header lines: names and values in turn.
	header []string
}

func (e *usageError) Error() string { return "API error " + e.code() }

func (f *finding) code() string { return wire.Code(f.msg) }

// all are the errors in order.
func (e *usageError) all() []finding { return append([]finding{e.finding}, e.others...) }

// codes are the codes of all errors as the header has them, each once.
func (e *usageError) codes() string {
	if len(e.others) == 0 {
		return e.code()
	}
	var codes []string
	for _, f := range e.all() {
		codes = append(codes, f.code())
	}
	return strings.Join(unique(codes), ", ")
}

// is reports whether g tells the client the same.
func (f *finding) is(g finding) bool {
	return f.module == g.module && f.msg.Key == g.msg.Key && reflect.DeepEqual(*f, g)
}

// fail makes an error of the module.
func fail(module string, n wire.Notice, params ...message.Param) *usageError {
	return &usageError{finding: finding{msg: n.Message(params...), module: module}, status: n.HTTPStatus()}
}

// warn adds a warning and gives it for completion.
func (c *call) warn(module string, n wire.Notice, params ...message.Param) *finding {
	c.warnings = append(c.warnings, finding{msg: n.Message(params...), module: module})
	return &c.warnings[len(c.warnings)-1]
}

// deprecated warns that a feature will go, and where to hear of such changes.
func (c *call) deprecated(module string, n wire.Notice, feature string, params ...message.Param) {
	w := c.warn(module, n, params...)
	w.data = []result.Member{result.Named("feature", result.Text(feature))}
	c.warn(mainModule, wire.DeprecationHelp)
}

// tooMany tells how many values a parameter takes.
func tooMany(module, name string, limit int) *usageError {
	e := fail(module, wire.TooManyValues, message.Plaintext(name), message.Num(int64(limit)))
	e.data = []result.Member{
		result.Named("parameter", result.Text(name)), result.Named("limit", result.Number(int64(limit))),
		result.Named("lowlimit", result.Number(multiLimit)), result.Named("highlimit", result.Number(multiHighLimit)),
	}
	return e
}

// mustPost tells which parameters stood in the URL.
func mustPost(module string, names []string) *usageError {
	return fail(module, wire.MustPostParams, message.Text(strings.Join(names, ", ")), message.Int(int64(len(names))))
}

// about makes an error of several parameters.
func about(module string, n wire.Notice, names ...string) *usageError {
	items := make([]message.Param, len(names))
	for i, n := range names {
		items[i] = message.Text("<var>" + n + "</var>")
	}
	return fail(module, n, message.List(message.ListText, items...), message.Int(int64(len(names))))
}

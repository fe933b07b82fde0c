package actionapi

import (
	"slices"

	"gatehouse/internal/actionapi/schema"
	"gatehouse/internal/wire"
)

// errorComponents describe errors and warnings in every error format.
func (w *openAPIWriter) errorComponents() []component {
	paths, names := w.tellers()
	return []component{
		{"Error", answerObject([]schema.Member{schema.Must("error", schema.Object(append([]schema.Member{
			schema.Must("code", schema.Ref("ErrorCode")),
			schema.Must("info", schema.Text().About("In English, for people.")),
			schema.May("docref", schema.Text().About("Where to read more.")),
		}, schema.Optional(findingData())...)...))}).About("An error in the error format bc, which is the default.")},
		{"Errors", answerObject([]schema.Member{
			schema.Must("errors", schema.List(schema.Ref("ErrorFinding"))), schema.May("docref", schema.Text()),
		}).About("Errors in any other error format.")},
		{"ErrorFinding", findingSchema("ErrorCode", paths)},
		{"Warnings", schema.OneOf(
			schema.Object(bcWarningMembers(names)...).About("In the error format bc: lines by module."),
			schema.List(schema.Ref("WarningFinding")).About("In any other."),
		)},
		{"WarningFinding", findingSchema("WarningCode", paths)},
		{"Reason", reasonSchema().About("Why something cannot be done.")},
		{"ErrorCode", codeSchema(wire.AsError, wire.AsFail)},
		{"WarningCode", codeSchema(wire.AsWarning, wire.AsError)},
		{"MessageCode", codeSchema(wire.AsFail, wire.AsUI, wire.AsRestart)},
	}
}

// tellers are the paths of everything that may tell an error or warning, and the last parts of these.
func (w *openAPIWriter) tellers() (paths, names []string) {
	all := append([]*module{w.api.root}, w.api.root.submodules()...)
	for _, m := range w.api.actions {
		all = append(all, m.submodules()...)
	}
	for _, m := range all {
		paths, names = append(paths, m.path), append(names, m.name)
	}
	slices.Sort(paths)
	slices.Sort(names)
	return slices.Compact(paths), slices.Compact(names)
}

// bcWarningMembers are the warnings of each module.
func bcWarningMembers(names []string) []schema.Member {
	lines := schema.Object(schema.Must("warnings", schema.Text()))
	members := make([]schema.Member, len(names))
	for i, name := range names {
		members[i] = schema.May(name, lines)
	}
	return members
}

// findingData is what errors and warnings may tell to programs.
func findingData() []schema.Member {
	return []schema.Member{
		schema.May("parameter", schema.Text()),
		schema.May("limit", schema.Integer()), schema.May("lowlimit", schema.Integer()), schema.May("highlimit", schema.Integer()),
		schema.May("values", schema.List(schema.Text()).About("What was not recognised.")),
		schema.May("feature", schema.Text().About("What is out of date.")),
		schema.May("readonlyreason", schema.Text()),
		schema.May("host", schema.Text()), schema.May("lag", schema.Integer()), schema.May("type", schema.Text()),
		schema.May("errorclass", schema.Text()),
	}
}

// findingWords are the members that hold the words, in each error format.
func findingWords() [][]schema.Member {
	return [][]schema.Member{
		{schema.Must("text", schema.Text())},
		{schema.Must("html", schema.Text())},
		{schema.Must("key", schema.Text()), schema.Must("params", schema.List(schema.Ref("RawParameter")))},
		{},
	}
}

// findingSchema is one error or warning, in every error format but bc.
func findingSchema(code string, paths []string) schema.Schema {
	var formats []schema.Schema
	for _, words := range findingWords() {
		members := append([]schema.Member{schema.Must("code", schema.Ref(code))}, words...)
		formats = append(formats, schema.Object(append(members,
			schema.May("data", schema.Object(findingData()...)), schema.May("module", schema.Words(paths...)))...))
	}
	return schema.OneOf(formats...)
}

// reasonSchema is a reason inside an answer, as c.findings writes it: in every error format.
func reasonSchema() schema.Schema {
	return schema.OneOf(append(toldSchemas(schema.Ref("MessageCode")), schema.Object(
		schema.Must("message", schema.Text()), schema.Must("params", schema.List(schema.Ref("RawParameter"))),
		schema.Must("code", schema.Ref("MessageCode")), schema.Must("type", schema.Word("error")),
	))...)
}

// toldSchema is a reason inside an answer that in the error format bc is a plain text.
func toldSchema(code schema.Schema) schema.Schema {
	return schema.OneOf(append(toldSchemas(code), schema.Text())...)
}

func toldSchemas(code schema.Schema) []schema.Schema {
	var formats []schema.Schema
	for _, words := range findingWords() {
		formats = append(formats, schema.Object(append([]schema.Member{schema.Must("code", code)}, words...)...))
	}
	return formats
}

// codeSchema lists the codes that stand in some part of answers. Some end in a word of their own; several findings about a
// password are one code.
func codeSchema(parts ...wire.As) schema.Schema {
	var codes []string
	open := "^(___1(____[0-9]+)+"
	for _, row := range wire.Table() {
		switch {
		case !slices.Contains(parts, row.As):
		case row.Suffix != "":
			open += "|" + row.Code + ".+"
		default:
			codes = append(codes, row.Code)
		}
	}
	slices.Sort(codes)
	return schema.AnyOf(schema.Words(slices.Compact(codes)...), schema.Pattern(open+")$"))
}

package actionapi

import "gatehouse/internal/actionapi/schema"

// addAnswers adds the descriptions of all answers, and of what they have in common.
func (w *openAPIWriter) addAnswers() {
	w.components = append(w.components, messageComponents()...)
	w.components = append(w.components, flowComponents()...)
	w.components = append(w.components, w.errorComponents()...)
	w.components = append(w.components, accountComponents()...)
	all := []schema.Schema{schema.Ref("Error"), schema.Ref("Errors")}
	for _, m := range w.api.actions {
		members := m.answer
		if subs := m.submodules(); len(subs) > 0 {
			members = w.partsAnswer(append([]*module{m}, subs...))
		}
		all = append(all, w.define(componentName(m.path, "answer"), answerObject(members)))
	}
	w.define("Answer", schema.AnyOf(all...).About("What a call is answered."))
}

// answerObject is a whole document: what every one may have, then the members of its own.
func answerObject(own []schema.Member) schema.Schema {
	return schema.Object(append(answerMembers(), own...)...)
}

// answerMembers are what every document may have beside its data.
func answerMembers() []schema.Member {
	return []schema.Member{
		schema.May("warnings", schema.Ref("Warnings")),
		schema.May("requestid", schema.Text().About("What the request had for it.")),
		schema.May("servedby", schema.Text().About("The machine that answered.")),
		schema.May("curtimestamp", schema.Time()),
		schema.May("uselang", schema.Text().About("The language that people read the answer in.")),
		schema.May("errorlang", schema.Text().About("The language of errors and warnings.")),
	}
}

// partsAnswer is what a query and its parts give, and how to go on behind it.
func (w *openAPIWriter) partsAnswer(parts []*module) []schema.Member {
	var data, limits []schema.Member
	for _, m := range parts {
		for _, member := range m.answer {
			name := componentName(m.path, member.Name)
			data = append(data, schema.May(member.Name, w.define(name, member.Value)))
		}
		for i := range m.params {
			if p := &m.params[i]; p.typ == typeLimit {
				limits = append(limits, schema.May(m.name, schema.Between(p.min, p.high)))
			}
		}
	}
	return []schema.Member{
		schema.May("batchcomplete", schema.True()),
		schema.May("continue", schema.Open(schema.Text(), schema.Must("continue", schema.Text())).
			About("Parameters to add to the same call for what comes next.")),
		schema.May("query-continue", schema.Map(schema.Map(schema.Text())).About("The same with rawcontinue, for each part by itself.")),
		schema.May("limits", schema.Object(limits...).About("What max was taken as.")),
		schema.May("query", schema.Object(data...)),
	}
}

package special

import (
	"html/template"
	"net/url"
	"slices"
	"strings"

	"gatehouse/auth"
	"gatehouse/internal/message"
	"gatehouse/internal/wire"
)

// form is what the template "form" shows.
type form struct {
	Action string
	Hidden []pair
	// Problems stand in a summary on top, each also beside its field if it has one.
	Problems []shownProblem
	Inputs   []input
	// Puzzle is what shows that the visitor is no program. It stands together, right above the button.
	Puzzle  []input
	Buttons []input
	// Ways are the other kinds of puzzle that can be asked for.
	Ways []way
	// Other is said before them.
	Other string
	// Works says that the form needs the script that lets the browser work; Vendor is the company that shows a puzzle.
	Works  bool
	Vendor *Vendor
	// Passkeys says that the form needs the script that asks a device.
	Passkeys bool
	// Submit is the deed on the primary button, Busy what it says while it is being done. Empty = the form has only Buttons.
	SubmitName, Submit, Busy string
}

// Default reports whether buttons stand above the one that sends the form. Enter in a field presses the first button of a form,
// so that such a form begins with a copy of the one that sends it, out of sight.
func (f form) Default() bool {
	above := func(in input) bool { return in.Another != nil || len(in.Suggests) > 0 }
	return f.Submit != "" && (len(f.Ways) > 0 || slices.ContainsFunc(f.Inputs, above) || slices.ContainsFunc(f.Puzzle, above))
}

// PuzzleLabel is the id of what the puzzle is called, empty where there is no such words.
func (f form) PuzzleLabel() string {
	if len(f.Puzzle) > 0 && f.Puzzle[0].Name == fieldCaptchaInfo {
		return fieldCaptchaInfo + "-label"
	}
	return ""
}

type pair struct{ Name, Value string }

// problem is a refusal, and the field it is about; empty = the form as a whole.
type problem struct {
	field   string
	message auth.Message
}

type shownProblem struct {
	ID   string
	Text template.HTML
}

// input is one field, ready for the template. Kind picks the template's branch.
type input struct {
	Kind     string
	ID, Name string
	Label    string
	// Optional is the word for it, empty for what is required.
	Optional string
	Required bool
	Help     template.HTML
	// Note is said about the value that stands in the field.
	Note     string
	Problems []template.HTML
	Value    string
	Checked  bool
	Choices  []choice
	Look     look
	Toggle   toggle
	// Suggests are free names in place of a taken one, Free what is said before them.
	Suggests []string
	Free     string
	Preview  *preview
	// QR is a drawing.
	QR template.HTML
	// Markup is shown in place of Value, where the site's operator wrote it.
	Markup template.HTML
	// Sound says what the picture shows, Hear is what that is called, Alt stands in the picture's place.
	Sound, Hear, Alt string
	// Puzzle is the id of what this input answers.
	Puzzle string
	// Another is the button that asks for another picture.
	Another *input
	// Check is what the script needs to say what a password is worth.
	Check *passwordCheck
	// ByHand is said before a secret that can be scanned too.
	ByHand string
	// Work and Vendor stand in the place of a puzzle that a browser or a company's script solves.
	Work   *work
	Vendor *vendorBox
	// Passkey stands in the place of what a device is asked.
	Passkey *passkeyBox
	// Renew is where the script asks for another puzzle in place of sending the form.
	Renew string
}

type choice struct {
	ID, Value, Label string
	Chosen           bool
}

// toggle is what the script writes on the button that shows a password.
type toggle struct{ Show, Hide string }

// preview is what the script needs to show the server's verdict on a name before the form is sent: where to ask, and the
// words. WillBe has $1 in the place of the name; Free stands before free names in the place of a taken one.
type preview struct{ Ask, WillBe, Taken, Invalid, Free string }

// formMaker turns the Manager's requests into inputs.
type formMaker struct {
	visit    *Visit
	requests []auth.Request
	problems []problem
	// newAccount says that the form makes an account, so that browsers offer a new password.
	newAccount      bool
	passwordMinimum int
	// typed is what to put back into the fields.
	typed url.Values
	// step says that the form is not the first: its requests are there to be filled in, whatever else could be done instead.
	step bool
	// pictures says that puzzles can be looked at, listened to, and made anew.
	pictures bool
	// vendors are the companies that show puzzles, by what metadata calls their kind.
	vendors map[string]Vendor
	// settled fields came back from a third party and are sent on unseen.
	settled bool
	// account is whose new password it is, where the form does not ask for the name.
	account auth.Name
}

// fill puts the requests' fields into f.
func (m formMaker) fill(f *form) error {
	if asksWork(m.requests) {
		m.problems = aboutWork(m.problems)
	}
	fields, err := auth.MergeFields(m.requests)
	if err != nil {
		return err
	}
	byField := map[string]auth.Request{}
	for _, r := range m.requests {
		for _, field := range r.Fields {
			if _, seen := byField[field.Name]; !seen {
				byField[field.Name] = r
			}
		}
	}
	slices.SortStableFunc(fields, func(a, b auth.Field) int { return rank(a, byField) - rank(b, byField) })
	for _, field := range fields {
		m.place(f, field, byField[field.Name])
	}
	m.offerWays(f)
	for _, p := range m.problems {
		f.Problems = append(f.Problems, shownProblem{ID: m.anchor(p, fields), Text: m.visit.html(p.message)})
	}
	return nil
}

// rank puts the name first and what belongs to a puzzle last, right above the button.
func rank(f auth.Field, of map[string]auth.Request) int {
	switch {
	case f.Name == auth.FieldUsername:
		return 0
	case isPuzzle(f, of[f.Name]):
		return 2
	}
	return 1
}

func isPuzzle(f auth.Field, r auth.Request) bool {
	return hasHidden(r) || f.Name == fieldCaptchaInfo || f.Name == fieldCaptchaWord
}

func hasHidden(r auth.Request) bool {
	return slices.ContainsFunc(r.Fields, func(f auth.Field) bool { return f.Type == auth.FieldHidden })
}

func (m formMaker) place(f *form, field auth.Field, r auth.Request) {
	switch {
	case field.Type == auth.FieldHidden:
		f.Hidden = append(f.Hidden, pair{pageName(field.Name), deref(field.Value)})
	case field.Type == auth.FieldButton:
		f.Buttons = append(f.Buttons, m.input(field, r))
	case m.settled && m.typed.Has(field.Name):
		f.Hidden = append(f.Hidden, pair{pageName(field.Name), m.typed.Get(field.Name)})
	case m.showWork(f, field, r), m.showVendor(f, field, r), m.showPasskey(f, field, r):
	case isPuzzle(field, r):
		f.Puzzle = append(f.Puzzle, m.input(field, r))
	default:
		f.Inputs = append(f.Inputs, m.input(field, r))
	}
}

func (m formMaker) input(field auth.Field, r auth.Request) input {
	name := pageName(field.Name)
	in := input{
		Kind: string(field.Type), ID: name, Name: name, Label: m.label(labelOf(field)),
		Required: !field.Optional, Look: lookOf(field.Name, m.newAccount), Help: m.help(field),
	}
	if m.mayBeEmpty(field.Name) && field.Type != auth.FieldCheckbox {
		in.Optional = m.visit.text("gatehouse-optional")
	}
	if hasHidden(r) && field.Type == auth.FieldString {
		in.Puzzle = fieldCaptchaInfo
		if kind, _ := datum(r, "type"); kind == "image" {
			in.Look.Mode, in.Puzzle = "numeric", fieldCaptchaInfo+"-label"
		}
	}
	for _, p := range m.problems {
		if p.field == field.Name {
			in.Problems = append(in.Problems, m.visit.html(p.message))
		}
	}
	if field.Name == auth.FieldUsername && m.newAccount {
		in.Preview = m.preview()
	}
	switch field.Type {
	case auth.FieldPassword:
		in.Toggle = toggle{Show: m.visit.text("gatehouse-show"), Hide: m.visit.text("gatehouse-hide")}
		if field.Name == "password" && m.newAccount {
			in.Check = m.passwordCheck()
		}
	case auth.FieldCheckbox, auth.FieldButton:
		in.Value = orOne(deref(field.Value))
		in.Checked = m.keeps(field, r) && m.has(field.Name)
	case auth.FieldSelect, auth.FieldMultiselect:
		in.Choices = m.choices(field, r)
	case auth.FieldNull:
		in.Kind, in.Value = nullKind(field, r), deref(field.Value)
		m.showPuzzle(&in, r)
		m.showSecret(&in, r)
	default:
		in.Value = deref(field.Value)
		if m.keeps(field, r) && m.has(field.Name) {
			in.Value = m.get(field.Name)
		}
	}
	return in
}

func (m formMaker) preview() *preview {
	ask := url.Values{
		"action": {"query"}, "list": {"users"}, "usprop": {"cancreate"}, "format": {"json"}, "formatversion": {"2"},
		"errorformat": {"plaintext"}, "errorlang": {m.visit.Language.Code()},
	}
	return &preview{
		Ask:    m.visit.site.ScriptPath + "/api.php?" + ask.Encode(),
		WillBe: m.visit.text("gatehouse-name-will-be", message.Plaintext("$1")),
		Taken:  m.visit.text(wire.UserExists.Key()), Invalid: m.visit.text(wire.InvalidUser.Key()),
		Free: m.visit.text("gatehouse-name-free"),
	}
}

// labelOf is what a page calls a field. The wire's name of an answer is jargon.
func labelOf(f auth.Field) message.Message {
	if f.Label.Key == "captcha-label" {
		return message.New("gatehouse-captcha-answer")
	}
	return f.Label
}

// label is a text beside an input; the colon that some of the wire's labels have is for lines of plain text.
func (m formMaker) label(text message.Message) string {
	return strings.TrimRight(message.Isolated(text, m.visit.Language), ":： \u00a0\u202f")
}

func (m formMaker) choices(field auth.Field, r auth.Request) []choice {
	chosen := []string{deref(field.Value)}
	if typed := m.list(field.Name); m.keeps(field, r) && len(typed) > 0 {
		chosen = typed
	}
	out := make([]choice, len(field.Options))
	for i, o := range field.Options {
		out[i] = choice{
			ID: pageName(field.Name) + "-" + o.Value, Value: o.Value, Label: message.Isolated(o.Label, m.visit.Language),
			Chosen: slices.Contains(chosen, o.Value),
		}
	}
	return out
}

// keeps reports whether what was typed is shown again: never a secret, and never the answer to a puzzle, because the next
// form has another puzzle.
func (m formMaker) keeps(field auth.Field, r auth.Request) bool {
	return field.Type != auth.FieldPassword && !field.Sensitive && !hasHidden(r)
}

// help says more on our pages than the API's help does, where a page knows more.
func (m formMaker) help(field auth.Field) template.HTML {
	own := func(key message.Key, params ...message.Param) template.HTML {
		return m.visit.html(message.New(key, params...))
	}
	if field.Name == auth.FieldUsername || field.Name == "password" || field.Name == "retype" {
		switch {
		case !m.newAccount || field.Name == "retype":
			return ""
		case field.Name == auth.FieldUsername:
			return own("gatehouse-help-username")
		case m.passwordMinimum > 0:
			return own("gatehouse-help-password", message.Num(int64(m.passwordMinimum)))
		}
	}
	switch field.Help.Key {
	case "", "captcha-info-help", "captcha-help", "oathauth-create-info-help", "oathauth-create-skip-help": // the page says it already
		return ""
	case "oathauth-create-code-help":
		return own("gatehouse-factor-code-help")
	}
	return m.visit.html(field.Help)
}

// anchor is the id of the input that a problem is about, or "" where the form does not show it.
func (m formMaker) anchor(p problem, fields []auth.Field) string {
	shown := slices.ContainsFunc(fields, func(f auth.Field) bool {
		return f.Name == p.field && f.Type != auth.FieldHidden && !m.settled
	})
	if !shown {
		return ""
	}
	return pageName(p.field)
}

func (m formMaker) has(field string) bool { return m.typed.Has(pageName(field)) || m.typed.Has(field) }

func (m formMaker) get(field string) string {
	if m.typed.Has(pageName(field)) {
		return m.typed.Get(pageName(field))
	}
	return m.typed.Get(field)
}

func (m formMaker) list(field string) []string {
	return append(slices.Clone(m.typed[field]), m.typed[field+"[]"]...)
}

// mayBeEmpty reports whether a field may be left out whatever else is filled in. A field that is one of several ways to
// go on is optional on the wire, but to say so beside it would mislead.
func (m formMaker) mayBeEmpty(name string) bool {
	if name == "email" && asksMail(m.requests) {
		return false
	}
	for _, r := range m.requests {
		for _, f := range r.Fields {
			if f.Name == name && !f.Optional && (m.step || r.Required != auth.Optional) {
				return false
			}
		}
	}
	return true
}

// nullKind tells how a field without input is shown: as a picture of this site, or as words.
func nullKind(f auth.Field, r auth.Request) string {
	mime, _ := datum(r, "mime")
	local := strings.HasPrefix(deref(f.Value), "/") && !strings.HasPrefix(deref(f.Value), "//")
	if strings.HasPrefix(mime, "image/") && local {
		return "picture"
	}
	return string(auth.FieldNull)
}

func datum(r auth.Request, name string) (string, bool) {
	for _, d := range r.Metadata {
		if d.Name == name {
			return d.Value, true
		}
	}
	return "", false
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func orOne(s string) string {
	if s == "" {
		return "1"
	}
	return s
}

package i18n

// row is what is known of a language besides its texts.
type row struct {
	code string
	// tag is the code in BCP 47, where it is another.
	tag string
	// name is what the language calls itself.
	name        string
	rightToLeft bool
	// fallback is where texts come from that the language lacks.
	fallback string
	// group separates groups of three digits in numbers of at least groupFrom digits; with pairs, only the last group has
	// three, and those before it have two.
	group     string
	groupFrom int
	pairs     bool
	// plural is the rule for texts written in this language.
	plural grammar
}

// known is the table of languages: those that may be asked for. One becomes readable by a file in messages/.
func known() []row {
	return []row{
		{code: source, name: "English", group: ",", groupFrom: 4, plural: oneOther()},
		{code: "ar", name: "العربية", rightToLeft: true, fallback: source, group: ",", groupFrom: 4, plural: arabic()},
		{code: "de", name: "Deutsch", fallback: source, group: ".", groupFrom: 4, plural: oneOther()},
		{code: "es", name: "español", fallback: source, group: "\u00a0", groupFrom: 5, plural: oneOther()},
		{code: "fr", name: "français", fallback: source, group: "\u202f", groupFrom: 4, plural: upToOne()},
		{code: "hi", name: "हिन्दी", fallback: source, group: ",", groupFrom: 4, pairs: true, plural: upToOne()},
		{code: "hu", name: "magyar", fallback: source, group: "\u00a0", groupFrom: 5, plural: oneOther()},
		{code: "ja", name: "日本語", fallback: source, group: ",", groupFrom: 4, plural: oneForm()},
		{code: "nan", tag: "nan-Latn", name: "Bân-lâm-gú", fallback: source, group: ",", groupFrom: 4, plural: oneForm()},
		{code: "ru", name: "русский", fallback: source, group: "\u00a0", groupFrom: 5, plural: russian()},
		{code: "zh-hant", tag: "zh-Hant", name: "中文（繁體）", fallback: source, group: ",", groupFrom: 4, plural: oneForm()},
		{code: qqx, name: "qqx", fallback: source, group: ",", groupFrom: 4, plural: oneOther()},
	}
}

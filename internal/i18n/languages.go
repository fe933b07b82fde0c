package i18n

import "gatehouse/internal/message"

// row is what is known of a language besides its texts.
type row struct {
	code string
	// name is what the language calls itself.
	name        string
	rightToLeft bool
	// fallback is where texts come from that the language lacks.
	fallback string
	// group separates groups of three digits in numbers of at least groupFrom digits.
	group     string
	groupFrom int
	// plural is the rule for texts written in this language; it matters once the language has texts.
	plural message.PluralRule
}

// known is the table of languages: those that may be asked for. One becomes readable by a file in messages/.
func known() []row {
	return []row{
		{code: source, name: "English", group: ",", groupFrom: 4, plural: oneOther},
		{code: "ar", name: "العربية", rightToLeft: true, fallback: source, group: ",", groupFrom: 4, plural: oneOther},
		{code: "de", name: "Deutsch", fallback: source, group: ".", groupFrom: 4, plural: oneOther},
		{code: "es", name: "español", fallback: source, group: "\u00a0", groupFrom: 5, plural: oneOther},
		{code: "fr", name: "français", fallback: source, group: "\u202f", groupFrom: 4, plural: oneOther},
		{code: "hi", name: "हिन्दी", fallback: source, group: ",", groupFrom: 4, plural: oneOther},
		{code: "hu", name: "magyar", fallback: source, group: "\u00a0", groupFrom: 5, plural: oneOther},
		{code: "ja", name: "日本語", fallback: source, group: ",", groupFrom: 4, plural: oneOther},
		{code: "nan", name: "Bân-lâm-gú", fallback: source, group: ",", groupFrom: 4, plural: oneOther},
		{code: "ru", name: "русский", fallback: source, group: "\u00a0", groupFrom: 5, plural: oneOther},
		{code: "zh-hant", name: "中文（繁體）", fallback: source, group: ",", groupFrom: 4, plural: oneOther},
		{code: qqx, name: "qqx", fallback: source, group: ",", groupFrom: 4, plural: oneOther},
	}
}

// oneOther is the rule of English and of many others: one form for 1, one for everything else.
func oneOther(n int64, forms []string) string {
	if n == 1 || n == -1 {
		return forms[0]
	}
	return forms[min(1, len(forms)-1)]
}

package actionapi

import "gatehouse/internal/i18n"

// language is what people read the answer in: uselang, by default the language of the account or the site. An unknown code
// counts as the site's. What the browser likes best is not looked at, here as on the wikis: programs send its header without
// their users' knowing.
func (c *call) language() *i18n.Language {
	if c.lang == nil {
		c.lang = c.languageOf(c.in.text("uselang"))
	}
	return c.lang
}

func (c *call) languageOf(code string) *i18n.Language {
	switch code {
	case "content":
		return c.api.siteLanguage
	case "", "user":
		code = c.creator.Account.Language
	}
	if code == "" {
		return c.api.siteLanguage
	}
	if l, ok := c.api.Catalogue.Find(code); ok {
		return l
	}
	return c.api.siteLanguage
}

// errorLanguage is what errors and warnings are told in: errorlang, by default uselang; always English in the format bc.
func (c *call) errorLanguage() *i18n.Language {
	if c.errorFormat() == errorFormatBC {
		return c.api.english
	}
	switch code := c.in.text("errorlang"); code {
	case "", "uselang":
		return c.language()
	default:
		return c.languageOf(code)
	}
}

// languageNamed gives the language that a parameter of its own asks for, apart from that of the answer: English where there are
// no texts in it, false where the code is no code.
func (c *call) languageNamed(code string) (*i18n.Language, bool) {
	if l, ok := c.api.Catalogue.Find(code); ok {
		return l, true
	}
	return c.api.english, i18n.IsCode(code)
}

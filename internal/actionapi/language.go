package actionapi

import "gatehouse/internal/i18n"

// language is what people read the answer in: uselang, by default the language of the account or the site. An unknown code
// counts as the site's.
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
	if l, ok := c.api.Catalogue.Language(code); ok {
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

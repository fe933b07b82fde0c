package call

// TokenParams are the parameters that bring a token: of the API's modules and of the pages' forms.
func TokenParams() []string {
	return []string{
		"createtoken", "logintoken", "lgtoken", "changeauthtoken", "linktoken", "token",
		"wpCreateaccountToken", "wpLoginToken", "wpEditToken",
	}
}

// Spoil makes a token of the right form that is good for nothing.
func Spoil(string) string { return "0000000000000000000000000000000000000000+\\" }

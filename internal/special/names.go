package special

// PageName is how a special page is called: the name that other programs know it by, and what leads to it, the best first.
type PageName struct {
	Name    string
	Aliases []string
}

// PageNames lists the special pages there are, for programs that ask. It says of the table of pages what that cannot: the
// spelling.
func PageNames() []PageName {
	return []PageName{
		{"AccountSecurity", []string{"AccountSecurity"}},
		{"ApiHelp", []string{"ApiHelp"}},
		{"ApiSandbox", []string{"ApiSandbox"}},
		{"Captcha", []string{"Captcha"}},
		{"ChangeCredentials", []string{"ChangeCredentials"}},
		{"ChangeEmail", []string{"ChangeEmail"}},
		{"ChangePassword", []string{"ChangePassword"}},
		{"Confirmemail", []string{"ConfirmEmail"}},
		{"CreateAccount", []string{"CreateAccount"}},
		{"EventPasses", []string{"EventPasses"}},
		{"Invalidateemail", []string{"InvalidateEmail"}},
		{"LinkAccounts", []string{"LinkAccounts", "UnlinkAccounts"}},
		{"Log", []string{"Log", "Logs"}},
		{"OpenIDConnectReturn", []string{"OpenIDConnectReturn"}},
		{"PasswordReset", []string{"PasswordReset"}},
		{"Userlogin", []string{"UserLogin", "Login"}},
		{"Userlogout", []string{"UserLogout", "Logout"}},
		{"Version", []string{"Version"}},
	}
}

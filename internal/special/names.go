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
		{"Block", []string{"Block", "BlockIP", "BlockUser"}},
		{"BlockList", []string{"BlockList", "ListBlocks", "IPBlockList"}},
		{"Captcha", []string{"Captcha"}},
		{"ChangeCredentials", []string{"ChangeCredentials"}},
		{"ChangeEmail", []string{"ChangeEmail"}},
		{"ChangePassword", []string{"ChangePassword"}},
		{"Confirmemail", []string{"ConfirmEmail"}},
		{"CreateAccount", []string{"CreateAccount"}},
		{"EventPasses", []string{"EventPasses"}},
		{"Funnel", []string{"Funnel"}},
		{"Invalidateemail", []string{"InvalidateEmail"}},
		{"Limits", []string{"Limits"}},
		{"LinkAccounts", []string{"LinkAccounts", "UnlinkAccounts"}},
		{"Log", []string{"Log", "Logs"}},
		{"MailQueue", []string{"MailQueue"}},
		{"NewAccounts", []string{"NewAccounts"}},
		{"OpenIDConnectReturn", []string{"OpenIDConnectReturn"}},
		{"Operators", []string{"Operators"}},
		{"PasswordReset", []string{"PasswordReset"}},
		{"Preferences", []string{"Preferences"}},
		{"Unblock", []string{"Unblock"}},
		{"Userlogin", []string{"UserLogin", "Login"}},
		{"Userlogout", []string{"UserLogout", "Logout"}},
		{"Version", []string{"Version"}},
	}
}

package wire

// The ids of authentication requests. A button's id is followed by the button's name, a link request's by the ids of
// the linked requests, joined with bars.
const (
	RequestPassword          = `MediaWiki\Auth\PasswordAuthenticationRequest`
	RequestTemporaryPassword = `MediaWiki\Auth\TemporaryPasswordAuthenticationRequest`
	RequestUsername          = `MediaWiki\Auth\UsernameAuthenticationRequest`
	RequestUserData          = `MediaWiki\Auth\UserDataAuthenticationRequest`
	RequestCreationReason    = `MediaWiki\Auth\CreationReasonAuthenticationRequest`
	RequestRememberMe        = `MediaWiki\Auth\RememberMeAuthenticationRequest`
	RequestButtonPrefix      = `MediaWiki\Auth\ButtonAuthenticationRequest:`
	RequestConfirmLinkPrefix = `MediaWiki\Auth\ConfirmLinkAuthenticationRequest:`
	RequestTOTP              = `MediaWiki\Extension\OATHAuth\Auth\TOTPAuthenticationRequest`

	// These stand in the page's examples without a namespace.
	RequestCaptcha        = `CaptchaAuthenticationRequest`
	RequestOIDCPrefix     = `OpenIdConnectBeginAuthenticationRequest:`
	RequestOIDCResponse   = `OpenIdConnectResponseAuthenticationRequest`
	RequestTwoFactorSetup = `TwoFactorAuthenticationRequest`
)

// The types of tokens, as meta=tokens spells them. In its answer "token" follows the type.
const (
	TokenCreateAccount = "createaccount"
	TokenCSRF          = "csrf"
	TokenLogin         = "login"
	TokenPatrol        = "patrol"
	TokenRollback      = "rollback"
	TokenUserRights    = "userrights"
	TokenWatch         = "watch"
)

// TokenSuffix ends every token. Alone it is the token of a visitor for the types that need an account.
const TokenSuffix = `+\`

// The log of new users, its type and its actions.
const (
	LogNewUsers           = "newusers"
	LogNewUsersCreate     = "create"
	LogNewUsersCreate2    = "create2"
	LogNewUsersByEmail    = "byemail"
	LogNewUsersAutoCreate = "autocreate"
	LogNewUsersOld        = "newusers" // entries of a kind that is no longer written
)

// The words of "required" in a request.
const (
	RequiredOptional = "optional"
	RequiredAlways   = "required"
	RequiredPrimary  = "primary-required"
)

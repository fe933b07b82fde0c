package wire

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

// The logs of blocks and of rights; the type is an action too.
const (
	LogBlock   = "block"
	LogReblock = "reblock"
	LogUnblock = "unblock"
	LogRights  = "rights"
)

// The words of "required" in a request.
const (
	RequiredOptional = "optional"
	RequiredAlways   = "required"
	RequiredPrimary  = "primary-required"
)

package wire

// The notices, in the order of the table; rows.go says what each is.
const (
	// Errors of the API: parameters.

	MissingParam Notice = iota
	NoToken
	MissingAtLeastOneOf
	MissingOneOf
	InvalidParamMix
	BadValueEnum
	BadValue
	NotMulti
	UnrecognizedValue
	BadInteger
	OutOfRange
	BadTimestamp
	BadUser
	TooManyValues
	BadURL
	BadContinue
	InvalidTitle
	Multisource
	BadIP
	CIDRTooBroad
	ShowConflict
	InvalidLanguage
	IncludeAllDenied
	NameTaken
	NoSuchSubmodule
	NoSubmodules

	// Errors of the API: calls.

	ActionDenied
	AlreadyBlocked
	BlockedAsRange
	CannotUnblock
	BlockerBlocked
	NoUnblockSelf
	InvalidExpiry
	PastExpiry
	RangeTooLarge
	NoSuchTarget
	NoSuchUserID
	TooFewExpiries
	InvalidGroupExpiry
	PastGroupExpiry

	BadToken
	MustPostParams
	MustBePosted
	InvalidMethod
	ContentTooLarge
	ModuleDisabled
	ReadOnly
	ReadDenied
	PromisedNonWrite
	WriteDenied
	MaxLag
	MaxLagGeneric
	AssertUserFailed
	AssertAnonFailed
	AssertBotFailed
	AssertNamedUserFailed
	NotLoggedIn
	NotLoggedInToChange
	NotLoggedInToRemove
	NotLoggedInToLink
	Reauthenticate
	BadRequest
	RateLimited
	Internal
	InternalDetailed

	// Warnings of the API.

	UnrecognizedParams
	UnrecognizedValues
	BelowMinimum
	AboveMaximum
	Clamped
	UnclearNow
	ValuesCut
	UnsupportedArray
	BadUTF8
	TokensOrigin
	PercentEncodedToken
	ErrorPrinterFailed
	StylesheetsOff
	DeprecationHelp
	DeprecatedParameter
	PostWithoutContentType
	DeprecatedLogin
	DeprecatedLoginToken

	// Refusals of a creation.

	CannotCreate
	InvalidUser
	NoUserSpecified
	ReadOnlySite
	PermissionDenied
	PermissionDeniedToAll
	Blocked
	BlockedPartial
	BlockedComposite
	BlockedBySystem
	Autoblocked
	OnDNSBlockList
	CreateDisabled
	UserExists
	UsernameInProgress
	InvalidEmailAddress
	CreationThrottled
	AttemptsThrottled
	PassBad
	PassOver
	PassElsewhere
	PassFull
	BadRetype
	PasswordTooShort
	PasswordTooLong
	PasswordInName
	PasswordIsExample
	PasswordIsCommon
	RealNameTooLong
	EmailDisabled
	NoEmailCreate
	CreateNoPrimary
	CreateNotInProgress
	CaptchaFailed
	CaptchaError
	CaptchaKindFull
	CaptchaMailAddress
	CaptchaMailSent
	CaptchaMailWrong
	NameIllegal
	NameForbidden
	GlobalAccountExists
	GlobalAccountRenamed
	GlobalAccountUnattached
	FilterDisallowed
	FilterWarning
	Throttled
	SessionFailure
	ConfirmEmail
	AutoCreateNotAllowed
	AutoCreateFault

	// Refusals of a sign-in, and of changing credentials.

	WrongPassword
	LoginThrottled
	LoginBlocked
	LoginNoPrimary
	LoginNotInProgress
	LoginAutoCreateFailed
	NoSuchUser
	FatalPassword
	SecondFactorThrottled
	PasswordMailThrottled
	PasswordResetNoData
	PasswordResetMailOff
	PasswordResetBadEmail
	PasswordResetBlocked
	LinkGone
	EmailConfirmed
	EmailSame
	ChangedMeanwhile
	LinkNotInProgress
	LinkNoPrimary
	IdentityTaken
	OpenIDUnreachable
	OpenIDDistrusted
	OpenIDDenied
	OpenIDState
	OpenIDReturnURL
	SessionLost
	LoginAborted
	LoginSameOrigin

	// Steps that want more.

	SecondFactorWanted
	SecondFactorWrong
	SecondFactorSetup
	SecondFactorSetupWrong
	ResetEmailedPassword
	ResetExpiredPassword
	ResetExpiredPasswordSoft
	ResetWeakPassword
	ResetWeakPasswordSoft
	OpenIDIncomplete
	PasskeyWanted
	PasskeyWrong
	PasskeySetup
	PasskeySetupWrong
	ConfirmLink
	ConfirmLinkFailed
	NoLocalUser
	NoLocalUserLink

	noticeCount
)

package auth

import "gatehouse/internal/message"

// The keys of the refusals that are the Manager's own. Their codes are in internal/wire.
const (
	keyCreateDisabled      message.Key = "authmanager-create-disabled"
	keyCreateNotInProgress message.Key = "authmanager-create-not-in-progress"
	keyCreateNoPrimary     message.Key = "authmanager-create-no-primary"
	keyLoginNotInProgress  message.Key = "authmanager-authn-not-in-progress"
	keyLoginNoPrimary      message.Key = "authmanager-authn-no-primary"
	keyLinkNotInProgress   message.Key = "authmanager-link-not-in-progress"
	keyLinkNoPrimary       message.Key = "authmanager-link-no-primary"
	keyNoName              message.Key = "noname"
	keyUserExists          message.Key = "userexists"
	keyReadOnly            message.Key = "readonlytext"
	keyBadAccessGroups     message.Key = "badaccess-groups"
	keyBadAccessNobody     message.Key = "badaccess-group0"
	keyBlocked             message.Key = "blockedtext"
	keyAutoblocked         message.Key = "autoblockedtext"
	keyBlockNoReason       message.Key = "blockednoreason"
	keyBlockedComposite    message.Key = "blockedtext-composite"
	keyPermissionDenied    message.Key = "apierror-permissiondenied"
	keyActionBlock         message.Key = "action-block"
	keyBlockPast           message.Key = "ipb_expiry_old"
	keyRangeTooWide        message.Key = "ip_range_toolarge"
	keyAlreadyBlocked      message.Key = "ipb_already_blocked"
	keyCannotUnblock       message.Key = "ipb_cant_unblock"
	keyBlockedAsRange      message.Key = "ipb_blocked_as_range"
	keyNoUnblockSelf       message.Key = "ipbnounblockself"
	keyBlockerBlocked      message.Key = "ipbblocked"
	keyTooMuch             message.Key = "actionthrottledtext"
	keyAttempts            message.Key = "gatehouse-attempts"
	keyChanged             message.Key = "gatehouse-changed-meanwhile"
	keyBadFactorName       message.Key = "gatehouse-factor-bad-name"
	keyPassOver            message.Key = "gatehouse-eventpass-over"
	keyPassElsewhere       message.Key = "gatehouse-eventpass-elsewhere"
	keyPassFull            message.Key = "gatehouse-eventpass-full"
)

// KeyIdentityTaken refuses an outside identity that has an account already.
const KeyIdentityTaken message.Key = "gatehouse-identity-taken"

// KeyUnconfirmed refuses the sign-in to an account whose address has to be confirmed first.
const KeyUnconfirmed message.Key = "confirmedittext"

// Package username decides what a user name is: its one canonical form, and the levels valid, usable and creatable.
//
// It is pure: it knows no store, so "taken" is not its business (auth.Manager asks the store), nor are look-alikes.
package username

// Name is a user name in canonical form: blanks instead of underscores, first letter upper-cased. Only Rules make one
// from what a visitor typed; stores make one from what they kept.
type Name string

// Rigor is how strictly a name is judged. Each level includes the ones before it.
type Rigor int

const (
	// None only cleans up: first letter, prefix of the user namespace, underscores. For cookies and assertuser.
	None Rigor = iota
	// Valid names may exist: imported or shown accounts.
	Valid
	// Usable names are valid and not reserved: sign-in, "does the name exist".
	Usable
	// Creatable names are usable and free of what new accounts may not have.
	Creatable
)

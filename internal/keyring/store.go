package keyring

import (
	"context"

	"gatehouse/auth"
)

// Store keeps the wrapped keys.
type Store interface {
	// Keys gives every key, by id.
	Keys(ctx context.Context) ([]auth.KeyRow, error)
	// AddKey stores row unless there is one with its id, and reports whether it did.
	AddKey(ctx context.Context, row auth.KeyRow) (bool, error)
}

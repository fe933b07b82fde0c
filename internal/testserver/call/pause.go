package call

import (
	"context"
	"time"
)

// Pause waits for d, and reports whether somebody still waits for the answer.
func Pause(ctx context.Context, d time.Duration) bool {
	if d == 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

//go:build !linux && !windows

package repair

import "context"

func do(context.Context, Action) Outcome { return Unsupported }

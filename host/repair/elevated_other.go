//go:build !windows

package repair

import "context"

// Elevated is only for Windows: elsewhere the system's own program does what needs an administrator's rights.
func Elevated(context.Context, []string) (code int, asked bool) { return 0, false }

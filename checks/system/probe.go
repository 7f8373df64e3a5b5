// Package system says which computer this is and whether its clock can be right.
package system

import (
	"context"
	"runtime"
	"strconv"
	"time"

	"etax-doctor/checks/facts"
)

// Probe reads the operating system's name and the clock.
func Probe(_ context.Context, now, builtAt time.Time) *facts.System {
	s := &facts.System{OS: runtime.GOOS, Arch: runtime.GOARCH, ProgramBits: strconv.IntSize, Clock: now.UTC(), BuiltAt: builtAt.UTC()}
	describe(s)
	return s
}

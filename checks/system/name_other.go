//go:build !linux && !windows

package system

import (
	"runtime"

	"etax-doctor/checks/facts"
)

func describe(s *facts.System) { s.Name = runtime.GOOS }

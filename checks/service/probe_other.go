//go:build !linux && !windows

package service

import (
	"context"
	"runtime"

	"etax-doctor/checks/facts"
)

// Probe has nothing to look at: on macOS PC/SC is part of the system and answers or does not.
func Probe(context.Context) *facts.Service { return &facts.Service{OS: runtime.GOOS} }

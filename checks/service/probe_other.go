//go:build !linux && !windows

package service

import (
	"context"
	"runtime"

	"etax-doctor/checks/facts"
)

// Probe reports only the system: on macOS, PC/SC is part of it, and the reader probe shows whether PC/SC answers.
func Probe(context.Context) *facts.Service { return &facts.Service{OS: runtime.GOOS} }

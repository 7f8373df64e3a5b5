//go:build !linux && !windows

package reader

import "etax-doctor/checks/facts"

// Devices returns nil: it is not implemented for this system yet.
func Devices() []facts.Device { return nil }

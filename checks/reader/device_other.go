//go:build !linux && !windows

package reader

import "etax-doctor/checks/facts"

// Devices is not known on this system yet.
func Devices() []facts.Device { return nil }

//go:build !linux && !darwin

package platform

// parentArguments returns nil: on Windows, a browser with a folder of its own has the same registrations.
func parentArguments() []string { return nil }

//go:build !windows

package cli

// OwnConsole: elsewhere, a double click opens no console.
func OwnConsole() bool { return false }

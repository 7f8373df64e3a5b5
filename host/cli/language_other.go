//go:build !windows

package cli

// systemIsJapanese is always false here: only the locale variables decide the language.
func systemIsJapanese() bool { return false }

//go:build !windows

package cli

// systemIsJapanese has nothing to add: the locale variables say it all here.
func systemIsJapanese() bool { return false }

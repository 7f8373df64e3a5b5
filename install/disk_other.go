//go:build !windows

package install

import "errors"

// isDiskFull is always false here: there is no such error besides ENOSPC.
func isDiskFull(error) bool { return false }

// programFiles exists on Windows only.
func programFiles() (string, error) { return "", errors.ErrUnsupported }

//go:build !windows

package install

import "errors"

// isDiskFull knows of no more errors than ENOSPC here.
func isDiskFull(error) bool { return false }

// programFiles is a folder of Windows alone.
func programFiles() (string, error) { return "", errors.ErrUnsupported }

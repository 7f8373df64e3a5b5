//go:build !linux && !windows

package system

import "runtime"

func osName() string { return runtime.GOOS }

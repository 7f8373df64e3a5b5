//go:build !windows

package guide

import (
	"os/exec"
	"runtime"
)

// Open shows a page in the person's browser, and does not wait for it.
func Open(path string) error {
	opener := "xdg-open"
	if runtime.GOOS == "darwin" {
		opener = "open"
	}
	cmd := exec.Command(opener, path)
	if err := cmd.Start(); err != nil {
		return err
	}
	return cmd.Process.Release()
}

//go:build !windows

package guide

import (
	"os/exec"
	"runtime"
)

// Open shows a page in the person's browser.
func Open(path string) error {
	opener := "xdg-open"
	if runtime.GOOS == "darwin" {
		opener = "open"
	}
	return exec.Command(opener, path).Run()
}

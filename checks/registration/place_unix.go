//go:build unix

package registration

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

func elevated() bool { return os.Geteuid() == 0 }

// inSystemPlace reports whether only root can change a program: it and every folder above it belong to root, and nobody
// else may write there.
func inSystemPlace(program string) bool {
	path, err := filepath.EvalSymlinks(program)
	if err != nil {
		return false
	}
	for {
		info, err := os.Lstat(path)
		if err != nil || !onlyRoots(info) {
			return false
		}
		if path == filepath.Dir(path) {
			return true
		}
		path = filepath.Dir(path)
	}
}

func onlyRoots(info fs.FileInfo) bool {
	owner, ok := info.Sys().(*syscall.Stat_t)
	return ok && owner.Uid == 0 && info.Mode().Perm()&0o022 == 0
}

//go:build !windows

package install

import "os"

func replace(from, to string) error { return os.Rename(from, to) }

func remove(path string) error { return os.Remove(path) }

// Sweep has nothing to do here: a running program can be replaced and deleted.
func Sweep() {}

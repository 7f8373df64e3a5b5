//go:build !windows

package install

func osRegistry() Registry { return nil }

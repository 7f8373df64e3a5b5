//go:build !windows

package outside

func osRegistry() Registry { return nil }

//go:build !windows

package platform

func osRegistry() Registry { return nil }

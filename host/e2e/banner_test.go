//go:build linux && cgo

package e2e

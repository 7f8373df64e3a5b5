// Package local is this computer, as the program checks it from the command line and from a browser alike.
package local

import (
	"context"
	"path/filepath"

	"etax-doctor/checks"
	"etax-doctor/host/hostlog"
	"etax-doctor/host/version"
)

// Machine remembers what it learns of readers beside the log.
func Machine() checks.Machine {
	m := checks.ThisMachine(version.BuiltAt())
	if log := hostlog.Path(); log != "" {
		dir := filepath.Dir(log)
		m.Refusals.Path = filepath.Join(dir, "readers.json")
		m.Turn = func(ctx context.Context) (func(), bool) { return turn(ctx, filepath.Join(dir, "reading.lock")) }
	}
	return m
}

// Package local is this computer, as the program checks it from the command line and from a browser alike.
package local

import (
	"path/filepath"

	"etax-doctor/checks"
	"etax-doctor/host/hostlog"
	"etax-doctor/host/version"
)

// Machine remembers what it learns of readers beside the log.
func Machine() checks.Machine {
	m := checks.ThisMachine(version.BuiltAt())
	if log := hostlog.Path(); log != "" {
		m.Refusals.Path = filepath.Join(filepath.Dir(log), "readers.json")
	}
	return m
}

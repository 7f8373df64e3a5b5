package main

import (
	"context"
	"path/filepath"

	"etax-doctor/checks"
	"etax-doctor/checks/facts"
	"etax-doctor/checks/platform"
	"etax-doctor/checks/registration"
	"etax-doctor/checks/smartcard/turn"
	"etax-doctor/host/hostlog"
	"etax-doctor/host/version"
)

// thisMachine is this computer, set up in the same way for a browser and for the command line. What it learns about
// readers is saved in the folder of the log.
func thisMachine() checks.Machine {
	m := checks.ThisMachine(version.BuiltAt())
	if log := hostlog.Path(); log != "" {
		dir := filepath.Dir(log)
		m.ExtendedLength.Path = filepath.Join(dir, "readers.json")
		m.Turn = func(ctx context.Context) (func(), bool) { return turn.Take(ctx, filepath.Join(dir, "reading.lock")) }
	}
	return m
}

// withRegistration adds the check of our own registration. A browser that has started us has already found it.
func withRegistration(m checks.Machine) checks.Machine {
	m.Registration = func(ctx context.Context) *facts.OwnHost {
		return registration.Probe(ctx, platform.This(), version.Version, askVersion)
	}
	return m
}

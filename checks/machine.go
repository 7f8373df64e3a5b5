package checks

import (
	"context"
	"slices"
	"time"

	"etax-doctor/checks/app"
	"etax-doctor/checks/card"
	"etax-doctor/checks/facts"
	"etax-doctor/checks/platform"
	"etax-doctor/checks/policy"
	"etax-doctor/checks/reader"
	"etax-doctor/checks/security"
	"etax-doctor/checks/service"
	"etax-doctor/checks/smartcard/pcsc"
	"etax-doctor/checks/system"
)

// Machine is what the probes look at: this computer, or a simulated one.
type Machine struct {
	PCSC pcsc.System
	// Devices lists the readers that the operating system sees; nil where that is not known.
	Devices  func() []facts.Device
	Service  func(context.Context) *facts.Service
	System   func(context.Context) *facts.System
	App      func(context.Context) *facts.App
	Policy   func(context.Context) *facts.Policy
	Security func(context.Context) *facts.Security
	// Registration looks at our own registration; nil where a browser has started us, or for a simulated machine.
	Registration func(context.Context) *facts.OwnHost
	Now          func() time.Time
	// ExtendedLength remembers, from one run to the next, which readers do not take extended-length commands.
	ExtendedLength *card.ExtendedLengthCache
	// Turn waits until no other process of this program is reading a card of this person's, and keeps the others waiting
	// until release is called; not ok when ctx has ended first. nil where nobody else reads.
	Turn func(ctx context.Context) (release func(), ok bool)
	// Simulated names a simulated machine.
	Simulated string
}

// ThisMachine is the computer the program runs on. builtAt is when the program was built.
func ThisMachine(builtAt time.Time) Machine {
	return Machine{
		PCSC:           pcsc.New(),
		Devices:        reader.Devices,
		Service:        service.Probe,
		Policy:         func(ctx context.Context) *facts.Policy { return policy.Probe(ctx, platform.This()) },
		Security:       func(ctx context.Context) *facts.Security { return security.Probe(ctx, platform.This(), security.What) },
		App:            func(ctx context.Context) *facts.App { return app.Probe(ctx, platform.This()) },
		System:         func(ctx context.Context) *facts.System { return system.Probe(ctx, time.Now(), builtAt) },
		Now:            time.Now,
		ExtendedLength: &card.ExtendedLengthCache{},
	}
}

// machineProbe is a probe that only asks the operating system, and stores what it was answered.
type machineProbe struct {
	name facts.Probe
	run  func(context.Context, *run)
}

const (
	quickDeadline        = 2 * time.Second
	registrationDeadline = 5 * time.Second // it starts programs
)

// probes are those of the machine that can be asked.
func (m Machine) probes() []machineProbe {
	all := []machineProbe{
		ask(facts.ProbeSystem, quickDeadline, m.System, func(f *facts.Facts, v *facts.System) { f.System = v }),
		ask(facts.ProbeService, quickDeadline, m.Service, func(f *facts.Facts, v *facts.Service) { f.Service = v }),
		ask(facts.ProbeApp, quickDeadline, m.App, func(f *facts.Facts, v *facts.App) { f.App = v }),
		ask(facts.ProbePolicy, quickDeadline, m.Policy, func(f *facts.Facts, v *facts.Policy) { f.Policy = v }),
		ask(facts.ProbeSecurity, quickDeadline, m.Security, func(f *facts.Facts, v *facts.Security) { f.Security = v }),
		ask(facts.ProbeRegistration, registrationDeadline, m.Registration, func(f *facts.Facts, v *facts.OwnHost) { f.OwnHost = v }),
	}
	return slices.DeleteFunc(all, func(p machineProbe) bool { return p.run == nil })
}

func ask[T any](name facts.Probe, deadline time.Duration, look func(context.Context) *T, store func(*facts.Facts, *T)) machineProbe {
	if look == nil {
		return machineProbe{}
	}
	return machineProbe{name, func(ctx context.Context, r *run) { probe(ctx, r, name, deadline, look, store) }}
}

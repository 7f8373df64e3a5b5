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
	// Devices lists the readers that the operating system sees; nil if that is not known.
	Devices func() []facts.Device
	// ComingUp says whether the smart card service may be starting; nil where it is not known.
	ComingUp func() bool
	Service  func(context.Context) *facts.Service
	System   func(context.Context) *facts.System
	App      func(context.Context) *facts.App
	Policy   func(context.Context) *facts.Policy
	Security func(context.Context) *facts.Security
	// Registration probes this product's own registration; nil if a browser has started this program or the machine is
	// simulated.
	Registration func(context.Context) *facts.OwnHost
	Now          func() time.Time
	// ExtendedLength remembers, from one run to the next, which readers do not accept extended-length commands.
	ExtendedLength *card.ExtendedLengthCache
	// Turn waits until no other process of this program, of the same person, is reading a card. The others then wait
	// until release is called. ok is false if ctx ends first. Turn is nil if no other process can read.
	Turn func(ctx context.Context) (release func(), ok bool)
	// Simulated names a simulated machine.
	Simulated string
}

// ThisMachine is the computer the program runs on. builtAt is when the program was built.
func ThisMachine(builtAt time.Time) Machine {
	return Machine{
		PCSC:           pcsc.New(),
		Devices:        reader.Devices,
		ComingUp:       service.ComingUp,
		Service:        service.Probe,
		Policy:         func(ctx context.Context) *facts.Policy { return policy.Probe(ctx, platform.This()) },
		Security:       func(ctx context.Context) *facts.Security { return security.Probe(ctx, platform.This(), security.What) },
		App:            func(ctx context.Context) *facts.App { return app.Probe(ctx, platform.This()) },
		System:         func(ctx context.Context) *facts.System { return system.Probe(ctx, time.Now(), builtAt) },
		Now:            time.Now,
		ExtendedLength: &card.ExtendedLengthCache{},
	}
}

// machineProbe is a probe that only asks the operating system and stores the answer.
type machineProbe struct {
	name facts.Probe
	run  func(context.Context, *run)
}

// machineDeadline ends a probe that hangs. On a slow computer, whose disk is cold, one that works may take some seconds, and then its
// late answer is worth more than none.
const machineDeadline = 5 * time.Second

// registrationDeadline is longer, because that probe starts programs. Only the command line has it.
const registrationDeadline = 15 * time.Second

// probes returns the probes that this machine has.
func (m Machine) probes() []machineProbe {
	all := []machineProbe{
		newProbe(facts.ProbeSystem, machineDeadline, m.System, func(f *facts.Facts, v *facts.System) { f.System = v }),
		newProbe(facts.ProbeService, machineDeadline, m.Service, func(f *facts.Facts, v *facts.Service) { f.Service = v }),
		newProbe(facts.ProbeApp, machineDeadline, m.App, func(f *facts.Facts, v *facts.App) { f.App = v }),
		newProbe(facts.ProbePolicy, machineDeadline, m.Policy, func(f *facts.Facts, v *facts.Policy) { f.Policy = v }),
		newProbe(facts.ProbeSecurity, machineDeadline, m.Security, func(f *facts.Facts, v *facts.Security) { f.Security = v }),
		newProbe(facts.ProbeRegistration, registrationDeadline, m.Registration, func(f *facts.Facts, v *facts.OwnHost) { f.OwnHost = v }),
	}
	return slices.DeleteFunc(all, func(p machineProbe) bool { return p.run == nil })
}

func newProbe[T any](name facts.Probe, deadline time.Duration, look func(context.Context) *T, store func(*facts.Facts, *T)) machineProbe {
	if look == nil {
		return machineProbe{}
	}
	return machineProbe{name, func(ctx context.Context, r *run) { probe(ctx, r, name, deadline, look, store) }}
}

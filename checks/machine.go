package checks

import (
	"context"
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

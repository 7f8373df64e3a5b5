// Package simulate makes machines that exist only in this process, for people without a reader and for tests. The real
// program checks them; only the card, the reader and the operating system's answers are simulated.
package simulate

import (
	"context"
	"slices"
	"time"

	"etax-doctor/checks"
	"etax-doctor/checks/facts"
	"etax-doctor/checks/smartcard/pcsc"
	"etax-doctor/checks/smartcard/virtualcard"
)

// ReaderName is the simulated reader, as PC/SC on Linux would name a real one.
const ReaderName = "SONY FeliCa RC-S300/P (1234567) 00 00"

// felicaATR is what a reader gives for a transit card (PC/SC part 3, pcsc-tools smartcard_list).
var felicaATR = []byte{0x3B, 0x8F, 0x80, 0x01, 0x80, 0x4F, 0x0C, 0xA0, 0x00, 0x00, 0x03, 0x06, 0x11, 0x00, 0x3B,
	0x00, 0x00, 0x00, 0x00, 0x42}

// scene changes a healthy card, a healthy slot or a healthy service.
type scene struct {
	name    string
	card    func(p *virtualcard.Profile, now time.Time)
	slot    func(s *Slot)
	pcsc    func(p *PCSC)
	service func(s *facts.WindowsService)
	system  func(s *facts.System)
	app     facts.RegistrationState
	policy  *facts.BrowserPolicy
}

func (s scene) policyFacts() *facts.Policy {
	f := &facts.Policy{OS: "windows"}
	if s.policy != nil {
		f.Browsers = []facts.BrowserPolicy{*s.policy}
	}
	return f
}

// appFacts describes a bridge app that is registered and complete, unless the scene changes it.
func (s scene) appFacts() *facts.App {
	f := &facts.App{OS: "windows", Browsers: []string{"chrome"}, JPKI: &facts.JPKIClient{Installed: true, Folder: true, Menu: true, Providers: 2}}
	switch s.app {
	case appNotRegistered:
	case "":
		f.Registrations = []facts.Registration{{Host: "jp.go.cao.mpa", Browser: "chrome", Level: facts.LevelSystem, State: facts.RegistrationOK}}
	default:
		f.Registrations = []facts.Registration{{Host: "jp.go.cao.mpa", Browser: "chrome", Level: facts.LevelSystem, State: s.app}}
	}
	return f
}

// appNotRegistered stands for no registration at all.
const appNotRegistered facts.RegistrationState = "none"

var scenes = []scene{
	{name: "healthy"},
	{name: "expired", card: func(p *virtualcard.Profile, now time.Time) {
		p.Issuance.NotBefore, p.Issuance.NotAfter = now.AddDate(-5, -1, 0), endOfDay(now.AddDate(0, 0, -20))
	}},
	{name: "expires-soon", card: func(p *virtualcard.Profile, now time.Time) { p.Issuance.NotAfter = endOfDay(now.AddDate(0, 1, 0)) }},
	{name: "renewed-today", card: func(p *virtualcard.Profile, now time.Time) { p.Issuance.NotBefore = now }},
	{name: "not-yet-valid", card: func(p *virtualcard.Profile, now time.Time) { p.Issuance.NotBefore = now.AddDate(0, 0, 3) }},
	{name: "no-login-certificate", card: func(p *virtualcard.Profile, _ time.Time) { p.NoLogin = true }},
	{name: "test-card", card: func(p *virtualcard.Profile, _ time.Time) {
		p.Issuance.Organization, p.Issuance.CAKeyID = "JPKI-TEST", virtualcard.CANone
	}},
	{name: "locked", card: func(p *virtualcard.Profile, _ time.Time) { p.LoginTries = 0 }},
	{name: "last-try", card: func(p *virtualcard.Profile, _ time.Time) { p.LoginTries = 1 }},
	{name: "signing-locked", card: func(p *virtualcard.Profile, _ time.Time) { p.SigningTries = 0 }},
	{name: "no-card", slot: func(s *Slot) { s.Card = nil }},
	{name: "not-my-number", card: func(p *virtualcard.Profile, _ time.Time) { p.SelectSW, p.ATR = 0x6A81, felicaATR }},
	{name: "phone", card: func(p *virtualcard.Profile, _ time.Time) { p.Label = virtualcard.LabelAndroid }},
	{name: "in-use", slot: func(s *Slot) { s.Flags = pcsc.StateInUse | pcsc.StateExclusive }},
	{name: "removed", slot: func(s *Slot) { s.RemovedAfter = 5 }},
	{name: "mute", slot: func(s *Slot) { s.Flags = pcsc.StateMute }},
	{name: "app-missing", app: appNotRegistered},
	{name: "app-broken", app: facts.ProgramMissing},
	{name: "policy-blocked", policy: &facts.BrowserPolicy{Browser: "chrome", HostBlocklist: []string{"*"}}},
	{name: "no-reader", pcsc: func(p *PCSC) { p.Slots = nil }},
	{name: "service-stopped", pcsc: func(p *PCSC) { p.Fail = pcsc.CodeNoService }, service: func(s *facts.WindowsService) { s.State = facts.ServiceStopped }},
	{name: "windows-10", system: func(s *facts.System) { s.Name, s.Build = "Windows 10", 19045 }},
	{name: "service-missing", pcsc: func(p *PCSC) { p.Fail = pcsc.CodeNoService }, service: func(s *facts.WindowsService) { s.State = facts.ServiceMissing }},
}

// Names lists the simulated machines.
func Names() []string {
	names := make([]string, len(scenes))
	for i, s := range scenes {
		names[i] = s.name
	}
	return names
}

// New makes the named machine as it would be now, and the card in its reader (nil when the reader is empty).
// ok is false for an unknown name.
func New(name string, now time.Time) (m checks.Machine, card *virtualcard.Card, ok bool) {
	i := slices.IndexFunc(scenes, func(s scene) bool { return s.name == name })
	if i < 0 {
		return m, nil, false
	}
	s := scenes[i]
	profile := virtualcard.Healthy(now)
	if s.card != nil {
		s.card(&profile, now)
	}
	slot := &Slot{Name: ReaderName, Card: virtualcard.New(profile)}
	if s.slot != nil {
		s.slot(slot)
	}
	service := &PCSC{Slots: []*Slot{slot}}
	if s.pcsc != nil {
		s.pcsc(service)
	}
	smartCard := facts.WindowsService{Name: facts.SmartCardService, State: facts.ServiceRunning, Start: facts.StartManual}
	if s.service != nil {
		s.service(&smartCard)
	}
	readerPresent := len(service.Slots) > 0
	return checks.Machine{
		PCSC: service,
		Service: func(context.Context) *facts.Service {
			return &facts.Service{OS: "windows", Windows: []facts.WindowsService{smartCard}, ReaderDevicePresent: &readerPresent}
		},
		System: func(context.Context) *facts.System {
			f := &facts.System{OS: "windows", Name: "Windows 11", Build: 26100, Arch: "amd64", Clock: now.UTC(), BuiltAt: now.UTC()}
			if s.system != nil {
				s.system(f)
			}
			return f
		},
		Security:  func(context.Context) *facts.Security { return &facts.Security{OS: "windows"} },
		Policy:    func(context.Context) *facts.Policy { return s.policyFacts() },
		App:       func(context.Context) *facts.App { return s.appFacts() },
		Now:       func() time.Time { return now },
		Simulated: name,
	}, slot.Card, true
}

// endOfDay is 23:59:59 in Japan, when certificates end.
func endOfDay(t time.Time) time.Time {
	jst := time.FixedZone("JST", 9*60*60)
	y, m, d := t.In(jst).Date()
	return time.Date(y, m, d, 23, 59, 59, 0, jst)
}

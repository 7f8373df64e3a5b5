// Package facts holds everything the probes may observe, as plain data without judgement. A facts file can be saved,
// sent to a support desk and judged again years later, so nothing personal has a field here: no certificate, no
// subject, no municipality, no serial number, no raw ATR, no reader serial number, no user name.
package facts

import "time"

// Facts is what was observed on one machine at one time. A nil part was not probed.
type Facts struct {
	Schema      string    `json:"schema"`
	CollectedAt time.Time `json:"collectedAt"`
	// Simulated names the simulated machine, and is empty on a real one.
	Simulated string `json:"simulated,omitempty"`
	// LoginInFlight is set when the browser is in the middle of a login: the card was then not opened.
	LoginInFlight bool `json:"loginInFlight,omitempty"`
	// Browser is the id of the browser that asked: chrome, edge, chromium; "" if none asked or it is not known.
	Browser string `json:"browser,omitempty"`
	// Bridge is the native-messaging host of the only bridge that is switched on; "" if that is not known.
	Bridge string `json:"bridge,omitempty"`
	// ClockAhead is how far this computer's clock is ahead of e-Tax's, in seconds, negative if it is behind; 0 if that is
	// not known.
	ClockAhead float64 `json:"clockAhead,omitempty"`
	// Only names the layers that were checked; it is empty if all were.
	Only []string `json:"only,omitempty"`
	// Symptoms are the messages of the table that the person has reported; nil if the person reported nothing.
	Symptoms []Symptom `json:"symptoms,omitempty"`
	System   *System   `json:"system,omitempty"`
	Service  *Service  `json:"service,omitempty"`
	PCSC     *PCSC     `json:"pcsc,omitempty"`
	App      *App      `json:"app,omitempty"`
	Policy   *Policy   `json:"policy,omitempty"`
	Security *Security `json:"security,omitempty"`
	// OwnHost is probed only from the command line: a browser that asks has already found this program.
	OwnHost *OwnHost `json:"doctor,omitempty"`
	// Problems lists the probes that returned no facts.
	Problems []Problem `json:"problems,omitempty"`
}

// Symptom is a message that was recognised in the person's report. The person's own words are not kept.
type Symptom struct {
	Code string `json:"code"` // a code of the catalogue, symptom.*
	Text string `json:"text"` // the text from the table
}

// Probe names a probe in progress messages, timings and problems.
type Probe string

// The probes of this version.
const (
	ProbeSystem       Probe = "system"   // the computer and its clock
	ProbeService      Probe = "service"  // the smart card service
	ProbeReader       Probe = "reader"   // readers, and their state flags
	ProbeCard         Probe = "card"     // the cards in them
	ProbeApp          Probe = "app"      // the apps of the bridges
	ProbePolicy       Probe = "policy"   // an administrator's policies
	ProbeSecurity     Probe = "security" // security software
	ProbeRegistration Probe = "doctor"   // of this product itself
)

// Problem says why a probe has no facts.
type Problem struct {
	Probe Probe       `json:"probe"`
	Kind  ProblemKind `json:"kind"`
}

// ProblemKind is a closed list.
type ProblemKind string

// The kinds of problems.
const (
	TimedOut ProblemKind = "timed-out" // it ran past its deadline
	Crashed  ProblemKind = "crashed"   // it panicked
)

// Part returns the facts of a probe; nil if there are none. The facts of a card are part of its reader's facts.
func (f *Facts) Part(p Probe) any {
	switch {
	case p == ProbeSystem && f.System != nil:
		return f.System
	case p == ProbeService && f.Service != nil:
		return f.Service
	case (p == ProbeReader || p == ProbeCard) && f.PCSC != nil:
		return f.PCSC
	case p == ProbeApp && f.App != nil:
		return f.App
	case p == ProbePolicy && f.Policy != nil:
		return f.Policy
	case p == ProbeSecurity && f.Security != nil:
		return f.Security
	case p == ProbeRegistration && f.OwnHost != nil:
		return f.OwnHost
	}
	return nil
}

// Problem returns the problem of a probe, if it had one.
func (f *Facts) Problem(p Probe) (ProblemKind, bool) {
	for _, x := range f.Problems {
		if x.Probe == p {
			return x.Kind, true
		}
	}
	return "", false
}

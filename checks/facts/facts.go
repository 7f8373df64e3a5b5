// Package facts holds everything the probes may observe, as plain data with no opinion. A facts file can be saved,
// sent to a support desk and judged again years later, so nothing personal has a field here: no certificate, no
// subject, no municipality, no serial number, no raw ATR, no reader serial number, no user name.
package facts

import "time"

// Facts is what was observed on one machine at one time. A nil part was not looked at.
type Facts struct {
	Schema      string    `json:"schema"`
	CollectedAt time.Time `json:"collectedAt"`
	// Simulated names the simulated machine, and is empty on a real one.
	Simulated string `json:"simulated,omitempty"`
	// LoginInFlight is set when the browser is in the middle of a login: the card was then left alone.
	LoginInFlight bool `json:"loginInFlight,omitempty"`
	// Browser is the id of the browser that asked: chrome, edge, chromium. Empty where none did, or which is not known.
	Browser string `json:"browser,omitempty"`
	// Only names the layers that were looked at, where not all of them were.
	Only []string `json:"only,omitempty"`
	// Symptoms are the messages that the person has reported, as far as they are in the table; nil where none was.
	Symptoms []Symptom `json:"symptoms,omitempty"`
	System   *System   `json:"system,omitempty"`
	Service  *Service  `json:"service,omitempty"`
	PCSC     *PCSC     `json:"pcsc,omitempty"`
	App      *App      `json:"app,omitempty"`
	Policy   *Policy   `json:"policy,omitempty"`
	Security *Security `json:"security,omitempty"`
	// OwnHost is looked at from the command line alone: a browser that asks has found us.
	OwnHost *OwnHost `json:"doctor,omitempty"`
	// Problems lists the probes that did not come back with facts.
	Problems []Problem `json:"problems,omitempty"`
}

// Symptom is a message that was recognised in what the person has reported. Of their words, nothing is kept.
type Symptom struct {
	Code string `json:"code"` // a code of the catalogue, symptom.*
	Text string `json:"text"` // of the table
}

// Probe names a probe in progress messages, timings and problems.
type Probe string

// The probes of this version.
const (
	ProbeSystem       Probe = "system"
	ProbeService      Probe = "service"
	ProbeReader       Probe = "reader"
	ProbeCard         Probe = "card"
	ProbeApp          Probe = "app"
	ProbePolicy       Probe = "policy"
	ProbeSecurity     Probe = "security"
	ProbeRegistration Probe = "doctor" // of this product itself
)

// Problem says why a probe has no facts.
type Problem struct {
	Probe Probe       `json:"probe"`
	Kind  ProblemKind `json:"kind"`
}

// ProblemKind is a closed list.
type ProblemKind string

// A probe ran past its deadline, crashed, or met an error it could not name.
const (
	TimedOut ProblemKind = "timed-out"
	Crashed  ProblemKind = "crashed"
)

// Part is what a probe has observed; nil where it has not. What a card answered is a part of its reader.
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

package checks

import (
	"cmp"
	"slices"

	"etax-doctor/checks/app"
	"etax-doctor/checks/card"
	"etax-doctor/checks/certificate"
	"etax-doctor/checks/facts"
	"etax-doctor/checks/finding"
	"etax-doctor/checks/policy"
	"etax-doctor/checks/reader"
	"etax-doctor/checks/registration"
	"etax-doctor/checks/security"
	"etax-doctor/checks/service"
	"etax-doctor/checks/system"
)

// Room is one subject of the checks: a layer on the path from the card to e-Tax.
type Room struct {
	Layer finding.Layer
	// Class of its codes without their own class: hardware (is the card read?) or authentication (is the login
	// accepted?).
	Class string
	// Station is the place in the picture of the path where it is shown; "" if it is not shown.
	Station string
	// Fine is the code for "no fault here". A room without one gives no "unknown" finding if it was not checked.
	Fine finding.Code

	// probe is the one whose facts are judged; also are the other probes whose facts the judge reads.
	probe     facts.Probe
	alsoReads []facts.Probe
	// ifProbed are probes whose facts the judge reads if another room needs them.
	ifProbed []facts.Probe
	// dependsOn is the layer whose facts this room needs: if that layer's probe failed, this room is skipped.
	dependsOn finding.Layer
	// judge is nil if the browser's side judges the room.
	judge func(*facts.Facts) []finding.Finding
}

const (
	hardware       = "hardware"
	authentication = "authentication"
)

// Rooms are all layers, in order from the card to e-Tax. The failure of an earlier layer wins the verdict.
var Rooms = []Room{
	{Layer: "reader", Class: hardware, Station: "reader", Fine: "reader.ready", probe: facts.ProbeReader, alsoReads: cardProbes, judge: reader.Judge},
	{Layer: "card", Class: hardware, Station: "card", Fine: "card.ready", probe: facts.ProbeCard, alsoReads: cardProbes, dependsOn: "reader", judge: card.Judge},
	{Layer: "certificate", Class: authentication, Station: "certificate", Fine: "certificate.valid", alsoReads: cardProbes, dependsOn: "card", judge: certificate.Judge},
	{Layer: "service", Class: hardware, Station: "computer", Fine: "service.ready", probe: facts.ProbeService, alsoReads: []facts.Probe{facts.ProbeReader, facts.ProbeSystem}, judge: service.Judge},
	{Layer: "system", Class: authentication, Station: "computer", Fine: "system.supported", probe: facts.ProbeSystem, alsoReads: []facts.Probe{facts.ProbeApp}, ifProbed: []facts.Probe{facts.ProbeReader}, judge: system.Judge},
	{Layer: "app", Class: authentication, Station: "app", Fine: "app.ready", probe: facts.ProbeApp, alsoReads: []facts.Probe{facts.ProbePolicy}, judge: app.Judge},
	{Layer: "policy", Class: authentication, Station: "app", Fine: "policy.clear", probe: facts.ProbePolicy, alsoReads: []facts.Probe{facts.ProbeApp}, judge: policy.Judge},
	{Layer: "security", Class: authentication, Station: "app", Fine: "security.clear", probe: facts.ProbeSecurity, judge: security.Judge},
	{Layer: "extension", Class: authentication, Station: "extension", Fine: "extension.ready"},
	{Layer: "browser", Class: authentication, Station: "page", Fine: "browser.ready"},
	{Layer: "session", Class: authentication, Station: "page", Fine: "session.ready"},
	{Layer: "account", Class: authentication, Station: "etax"},
	{Layer: "doctor", Class: authentication, probe: facts.ProbeRegistration, judge: registration.Judge},
}

// cardProbes are the probes that a judge of the card needs.
var cardProbes = []facts.Probe{facts.ProbeSystem, facts.ProbeService, facts.ProbeReader, facts.ProbeCard}

// Stations are the places in the picture of the path, in order.
var Stations = []string{"card", "certificate", "reader", "computer", "app", "extension", "page", "etax"}

// Layers returns the layers that this program (not the extension) judges and that can be asked for.
func Layers() (layers []finding.Layer) {
	for _, r := range Rooms {
		if r.judge != nil && r.Fine != "" {
			layers = append(layers, r.Layer)
		}
	}
	return layers
}

// Evidence returns the facts of a layer; nil if it has no probe of its own or was not probed.
func Evidence(f *facts.Facts, layer finding.Layer) any { return f.Part(room(layer).probe) }

// room returns a layer's room, or an empty room for "" or an unknown layer.
func room(layer finding.Layer) (r Room) {
	if i := slices.IndexFunc(Rooms, func(r Room) bool { return r.Layer == layer }); i >= 0 {
		r = Rooms[i]
	}
	return r
}

// needs returns the probes that must return before the room can be judged.
func (r Room) needs() []facts.Probe {
	needs := slices.Clone(r.alsoReads)
	if r.probe != "" && !slices.Contains(needs, r.probe) {
		needs = append(needs, r.probe)
	}
	return needs
}

// findings judges the room, or says why it cannot be judged. It returns none if the room was not probed.
func (r Room) findings(f *facts.Facts) (found []finding.Finding) {
	defer func() {
		if recover() != nil { // a bug in a judge must not affect other rooms
			found = r.unknown(string(facts.Crashed))
		}
	}()
	source := r.probe
	for below := room(r.dependsOn); below.Layer != ""; below = room(below.dependsOn) {
		if _, failed := f.Problem(below.probe); failed {
			return []finding.Finding{finding.NewSkipped(r.Fine, r.dependsOn)}
		}
		source = cmp.Or(source, below.probe)
	}
	if kind, failed := f.Problem(r.probe); failed {
		return r.unknown(string(kind))
	}
	if f.Part(source) == nil {
		return nil
	}
	return r.judge(f)
}

// unknown says that the room could not be checked.
func (r Room) unknown(reason string) []finding.Finding {
	if r.Fine == "" {
		return nil
	}
	return []finding.Finding{finding.NewUnknown(r.Fine, reason)}
}

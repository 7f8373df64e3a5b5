package checks

import (
	"slices"

	"etax-doctor/checks/app"
	"etax-doctor/checks/card"
	"etax-doctor/checks/certificate"
	"etax-doctor/checks/doctor"
	"etax-doctor/checks/facts"
	"etax-doctor/checks/finding"
	"etax-doctor/checks/pin"
	"etax-doctor/checks/policy"
	"etax-doctor/checks/reader"
	"etax-doctor/checks/security"
	"etax-doctor/checks/service"
	"etax-doctor/checks/symptom"
	"etax-doctor/checks/system"
)

// stage is a judge and the probes whose facts it, or a judge before it that may name a cause, reads. The order puts
// causes before their consequences.
type stage struct {
	layer finding.Layer
	needs []facts.Probe
	judge func(*facts.Facts) []finding.Finding
}

var order = []stage{
	{finding.LayerService, []facts.Probe{facts.ProbeService, facts.ProbeReader}, service.Judge},
	{finding.LayerSystem, []facts.Probe{facts.ProbeSystem, facts.ProbeApp}, system.Judge},
	{finding.LayerApp, []facts.Probe{facts.ProbeApp, facts.ProbePolicy}, app.Judge},
	{finding.LayerPolicy, []facts.Probe{facts.ProbeApp, facts.ProbePolicy}, policy.Judge},
	{finding.LayerSecurity, []facts.Probe{facts.ProbeSecurity}, security.Judge},
	{finding.LayerReader, everyProbe, reader.Judge},
	{finding.LayerCard, everyProbe, card.Judge},
	{finding.LayerCertificate, everyProbe, certificate.Judge},
	{finding.LayerCertificate, everyProbe, pin.Judge},
}

// everyProbe is every one that has to do with the card.
var everyProbe = []facts.Probe{facts.ProbeSystem, facts.ProbeService, facts.ProbeReader, facts.ProbeCard}

// Layers are the layers that the machine's side can judge.
func Layers() []finding.Layer {
	var layers []finding.Layer
	for _, s := range order {
		if !slices.Contains(layers, s.layer) {
			layers = append(layers, s.layer)
		}
	}
	return layers
}

// stages keeps track of which judges can run.
type stages struct {
	only    []finding.Layer
	probes  map[facts.Probe]bool // needed: false until its facts are there
	waiting []stage
	all     []finding.Finding
}

func newStages(only []finding.Layer) *stages {
	s := &stages{only: only, probes: map[facts.Probe]bool{}}
	for _, st := range order {
		if s.wanted(st.layer) {
			for _, p := range st.needs {
				s.probes[p] = false
			}
		}
	}
	for _, st := range order {
		if !slices.ContainsFunc(st.needs, func(p facts.Probe) bool { return !s.needs(p) }) {
			s.waiting = append(s.waiting, st)
		}
	}
	return s
}

func (s *stages) wanted(l finding.Layer) bool { return len(s.only) == 0 || slices.Contains(s.only, l) }

func (s *stages) needs(p facts.Probe) bool {
	_, ok := s.probes[p]
	return ok
}

// done notes that a probe came back and returns what can be said now.
func (s *stages) done(p facts.Probe, f *facts.Facts) []finding.Finding {
	s.probes[p] = true
	known := len(s.all)
	for len(s.waiting) > 0 {
		i := slices.IndexFunc(s.waiting, func(st stage) bool {
			return !slices.ContainsFunc(st.needs, func(p facts.Probe) bool { return !s.probes[p] })
		})
		if i < 0 {
			break
		}
		judge := s.waiting[i].judge
		s.waiting = slices.Delete(s.waiting, i, i+1)
		s.all = append(s.all, judge(f)...)
	}
	finding.Resolve(s.all)
	return s.filter(s.all[known:])
}

func (s *stages) selected() []finding.Finding { return s.filter(s.all) }

// filter keeps the wanted layers and the causes of what was skipped in them: without its cause, a skipped card would
// look like no fault at all.
func (s *stages) filter(findings []finding.Finding) []finding.Finding {
	causes := map[finding.Code]bool{}
	for _, f := range s.all {
		if s.wanted(f.Layer) && f.SkippedBecause != "" {
			causes[f.SkippedBecause] = true
		}
	}
	kept := []finding.Finding{}
	for _, f := range findings {
		if s.wanted(f.Layer) || causes[f.Code] {
			kept = append(kept, f)
		}
	}
	return kept
}

// verdict is the rule's; where only some layers were asked for, nothing is said of the others.
func verdict(findings []finding.Finding, only []finding.Layer) finding.Finding {
	v := finding.Verdict(findings)
	if v.Code == finding.AllFine && len(only) > 0 {
		return finding.New(finding.PartFine, finding.OK, nil)
	}
	return v
}

// Judge judges facts that were collected earlier, perhaps on another machine. others are findings of the browser's side
// that were saved beside them. A layer that was not looked at then is unknown now.
func Judge(f *facts.Facts, only []finding.Layer, others ...finding.Finding) *Report {
	if len(only) == 0 {
		for _, layer := range f.Only {
			only = append(only, finding.Layer(layer))
		}
	}
	s := &stages{only: only}
	for _, st := range order {
		s.all = append(s.all, st.judge(f)...)
	}
	for _, layer := range Layers() {
		if !slices.ContainsFunc(s.all, func(f finding.Finding) bool { return f.Layer == layer }) {
			s.all = append(s.all, finding.NewUnknown(fine[layer], "not-looked-at"))
		}
	}
	finding.Resolve(s.all)
	reported, own := symptom.Judge(f), doctor.Judge(f)
	again := slices.Concat(reported, own) // judged here, and not to be taken from the saved findings too
	findings := slices.DeleteFunc(slices.Clone(others), func(other finding.Finding) bool {
		return slices.ContainsFunc(again, func(f finding.Finding) bool { return f.Code == other.Code })
	})
	findings = symptom.Heed(slices.Concat(findings, reported, s.selected(), own))
	return &Report{Facts: f, Findings: findings, Verdict: verdict(findings, only)}
}

// fine is the code of each layer that says that all is well there.
var fine = map[finding.Layer]finding.Code{
	finding.LayerReader: "reader.ready", finding.LayerCard: "card.ready", finding.LayerCertificate: "certificate.valid",
	finding.LayerService: "service.ready", finding.LayerSystem: "system.supported", finding.LayerApp: "app.ready",
	finding.LayerPolicy: "policy.clear", finding.LayerSecurity: "security.clear",
}

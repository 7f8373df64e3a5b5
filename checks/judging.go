package checks

import (
	"slices"

	"etax-doctor/checks/facts"
	"etax-doctor/checks/finding"
	"etax-doctor/checks/symptom"
)

// judging judges each room as soon as the last probe that it needs has returned.
type judging struct {
	only    []finding.Layer
	probes  []facts.Probe // needed
	waiting []*waitingRoom
	all     []finding.Finding
}

type waitingRoom struct {
	Room
	awaits  []facts.Probe
	missing int // of those, the ones that have not returned
}

func newJudging(only []finding.Layer) *judging {
	j := &judging{only: only}
	for _, r := range Rooms {
		if r.judge != nil && j.wanted(r.Layer) {
			j.probes = append(j.probes, r.needs()...)
		}
	}
	// A room that was not asked for is judged too if all its probes run: it may contain the cause of a skipped finding.
	for _, r := range Rooms {
		needs := r.needs()
		if r.judge != nil && !slices.ContainsFunc(needs, func(p facts.Probe) bool { return !j.needs(p) }) {
			awaits := slices.Concat(needs, slices.DeleteFunc(slices.Clone(r.ifProbed), func(p facts.Probe) bool { return !j.needs(p) }))
			j.waiting = append(j.waiting, &waitingRoom{r, awaits, len(awaits)})
		}
	}
	return j
}

// wanted reports whether a layer was asked for. This product's own registration is checked only if all layers are.
func (j *judging) wanted(l finding.Layer) bool { return len(j.only) == 0 || slices.Contains(j.only, l) }

func (j *judging) needs(p facts.Probe) bool { return slices.Contains(j.probes, p) }

// probeReturned records that a probe has returned, and returns the findings that can now be made.
func (j *judging) probeReturned(p facts.Probe, f *facts.Facts) []finding.Finding {
	known := len(j.all)
	for _, r := range j.waiting {
		if slices.Contains(r.awaits, p) {
			if r.missing--; r.missing == 0 {
				j.all = append(j.all, r.findings(f)...)
			}
		}
	}
	finding.Resolve(j.all)
	return j.filter(j.all[known:])
}

// end returns all findings. A room whose probe did not return, because this machine does not have it, is unknown.
func (j *judging) end() []finding.Finding {
	for _, r := range j.waiting {
		if r.missing > 0 {
			j.all = append(j.all, r.unknown("not-looked-at")...)
		}
	}
	finding.Resolve(j.all)
	return j.filter(j.all)
}

// filter keeps the findings of the wanted layers and the causes of the skipped ones among them: without its cause, a
// skipped card would not look like a fault.
func (j *judging) filter(findings []finding.Finding) []finding.Finding {
	causes := map[finding.Code]bool{}
	for _, f := range j.all {
		if j.wanted(f.Layer) && f.SkippedBecause != "" {
			causes[f.SkippedBecause] = true
		}
	}
	kept := []finding.Finding{}
	for _, f := range findings {
		if j.wanted(f.Layer) || causes[f.Code] {
			kept = append(kept, f)
		}
	}
	return kept
}

// result makes the outcome. If only some layers were asked for, its verdict does not say that all is fine.
func result(f *facts.Facts, findings []finding.Finding, only []finding.Layer) *Result {
	verdict, findings := finding.Verdict(findings)
	if verdict.Code == finding.AllFine && len(only) > 0 {
		verdict = finding.New(finding.PartFine, finding.OK, nil)
	}
	return &Result{Facts: f, Findings: findings, Verdict: verdict}
}

// Judge judges facts that were collected earlier, perhaps on another machine. others are findings of the browser's side
// that were saved with them. A layer that was not probed then is unknown now.
func Judge(f *facts.Facts, only []finding.Layer, others ...finding.Finding) *Result {
	if len(only) == 0 {
		for _, layer := range f.Only {
			only = append(only, finding.Layer(layer))
		}
	}
	j := &judging{only: only}
	for _, r := range Rooms {
		if r.judge == nil {
			continue
		}
		found := r.findings(f)
		if len(found) == 0 {
			found = r.unknown("not-looked-at")
		}
		j.all = append(j.all, found...)
	}
	finding.Resolve(j.all)
	again := slices.Concat(symptom.Judge(f), j.filter(j.all)) // these replace the saved findings with the same codes
	findings := slices.DeleteFunc(slices.Clone(others), func(other finding.Finding) bool {
		return slices.ContainsFunc(again, func(f finding.Finding) bool { return f.Code == other.Code })
	})
	return result(f, slices.Concat(findings, again), only)
}

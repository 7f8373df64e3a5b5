package finding

import (
	"cmp"
	"slices"
)

// The verdicts of a machine on which nothing failed.
const (
	AllFine       Code = "verdict.all-fine"
	PartFine      Code = "verdict.part-fine" // only some layers were asked for
	NotAllChecked Code = "verdict.not-all-checked"
)

// Verdict chooses the one finding to show first. It also returns all findings, with the statuses that rule 1 gives them. The
// rules are the same in extension/shared/verdict.js; the cases in testdata/verdicts test both:
//
//  1. if a symptom in WorseWith of its code was observed, an information becomes a warning, and a warning a failure;
//  2. the first failing code of those that explain an observed symptom wins;
//  3. else the failing finding nearest to the card: by layer, then by the catalogue's order;
//  4. else, in the same way, the first warning that explains a symptom, or the one nearest to the card;
//  5. else the first symptom, as a warning and with its own steps: who has seen a message is not told that all is fine;
//  6. else "all fine", or "not all could be checked" if a finding is unknown or skipped.
//
// Skipped and unknown findings never win.
func Verdict(all []Finding) (verdict Finding, weighed []Finding) {
	weighed = weigh(all)
	return choose(weighed), weighed
}

// weigh applies rule 1 of [Verdict].
func weigh(all []Finding) []Finding {
	weighed := slices.Clone(all)
	for i, f := range weighed {
		entry, _ := Lookup(f.Code)
		observed := func(symptom Code) bool {
			return slices.ContainsFunc(all, func(f Finding) bool { return f.Code == symptom })
		}
		if graver, can := map[Status]Status{Info: Warning, Warning: Failure}[f.Status]; can && slices.ContainsFunc(entry.WorseWith, observed) {
			weighed[i].Status = graver
		}
	}
	return weighed
}

func choose(all []Finding) Finding {
	for _, status := range []Status{Failure, Warning} {
		for _, symptom := range all {
			for _, code := range ExplainedBy(symptom.Code) {
				if f, ok := first(all, func(f Finding) bool { return f.Code == code && f.Status == status }); ok {
					return f
				}
			}
		}
		if f, ok := nearest(all, status); ok {
			return f
		}
	}
	if symptom, ok := first(all, func(f Finding) bool { return IsSymptom(f.Code) }); ok {
		entry, _ := Lookup(symptom.Code)
		symptom.Status, symptom.Layer = Warning, cmp.Or(entry.About, symptom.Layer)
		return symptom
	}
	unknown := slices.ContainsFunc(all, func(f Finding) bool { return f.Status == Unknown || f.Status == Skipped })
	if unknown || len(all) == 0 {
		return New(NotAllChecked, Unknown, nil)
	}
	return New(AllFine, OK, nil)
}

// notKnown is the symptom for words without a known meaning. They may well speak of the fault that was found.
const notKnown Code = "symptom.not-known"

// Apart returns the symptoms if the verdict is a fault that explains none of them: a person who has seen a message reads
// of such a fault as a second thing, and not as the message's reason. The same rule is in extension/shared/verdict.js.
func Apart(all []Finding, verdict Finding) (symptoms []Finding) {
	if verdict.Status != Failure && verdict.Status != Warning {
		return nil
	}
	fault, _ := Lookup(verdict.Code)
	for _, f := range all {
		switch {
		case !IsSymptom(f.Code) || f.Code == notKnown:
		case f.Code == verdict.Code, slices.Contains(ExplainedBy(f.Code), verdict.Code), slices.Contains(fault.WorseWith, f.Code):
			return nil
		default:
			symptoms = append(symptoms, f)
		}
	}
	return symptoms
}

// Shown is findings without the skipped ones of layers that were looked at, and with only one skipped of a layer that was not.
// The same rule is in extension/shared/verdict.js.
func Shown(all []Finding) (shown []Finding) {
	said := map[Layer]bool{}
	for _, f := range all {
		said[f.Layer] = said[f.Layer] || f.Status != Skipped && f.Status != Unknown
	}
	for _, f := range all {
		if f.Status != Skipped || !said[f.Layer] {
			shown = append(shown, f)
		}
		said[f.Layer] = said[f.Layer] || f.Status == Skipped
	}
	return shown
}

func nearest(all []Finding, status Status) (best Finding, ok bool) {
	for _, f := range all {
		if f.Status == status && (!ok || Compare(f.Code, f.Layer, best.Code, best.Layer) < 0) {
			best, ok = f, true
		}
	}
	return best, ok
}

// Compare orders findings from the card to e-Tax: by layer, then by the catalogue's order.
func Compare(a Code, aLayer Layer, b Code, bLayer Layer) int {
	layers := loaded().layer
	return cmp.Or(cmp.Compare(position(layers, aLayer), position(layers, bLayer)), cmp.Compare(Rank(a), Rank(b)))
}

// position returns the index of key. A key that this version does not know (a newer program's code) comes last.
func position[K comparable](index map[K]int, key K) int {
	if i, ok := index[key]; ok {
		return i
	}
	return len(index)
}

// severity lists the statuses, the worst first. OK precedes Info: for a layer, "fine" matters more than information.
var severity = []Status{Failure, Warning, Unknown, Skipped, OK, Info}

// Worse reports whether a status is worse than another one.
func Worse(a, b Status) bool { return slices.Index(severity, a) < slices.Index(severity, b) }

func first(all []Finding, match func(Finding) bool) (Finding, bool) {
	if i := slices.IndexFunc(all, match); i >= 0 {
		return all[i], true
	}
	return Finding{}, false
}

package finding

import (
	"cmp"
	"slices"
)

// The verdicts of a machine on which nothing failed.
const (
	AllFine       Code = "verdict.all-fine"
	PartFine      Code = "verdict.part-fine" // of the layers that were asked for
	NotAllChecked Code = "verdict.not-all-checked"
)

// Verdict chooses the one finding to show first. The rule, the same in extension/checks/verdict.js and held to the
// cases in testdata/verdicts:
//
//  1. the first failing code in the list of a symptom that was observed;
//  2. else the failing finding nearest the card: by layer, then by the catalogue's order;
//  3. else, likewise, the first warning in a symptom's list, or the one nearest the card;
//  4. else "all fine", or "not all could be checked" where something is unknown.
//
// Skipped and unknown findings never win.
func Verdict(all []Finding) Finding {
	for _, status := range []Status{Failure, Warning} {
		for _, symptom := range all {
			for _, code := range symptom.ExplainedBy {
				if f, ok := first(all, func(f Finding) bool { return f.Code == code && f.Status == status }); ok {
					return f
				}
			}
		}
		if f, ok := nearest(all, status); ok {
			return f
		}
	}
	unknown := slices.ContainsFunc(all, func(f Finding) bool { return f.Status == Unknown || f.Status == Skipped })
	if unknown || len(all) == 0 {
		return New(NotAllChecked, Unknown, nil)
	}
	return New(AllFine, OK, nil)
}

func nearest(all []Finding, status Status) (best Finding, ok bool) {
	c := loaded()
	for _, f := range all {
		if f.Status != status {
			continue
		}
		if !ok || c.less(f, best) {
			best, ok = f, true
		}
	}
	return best, ok
}

func (c *catalog) less(a, b Finding) bool { return c.compare(a.Code, a.Layer, b.Code, b.Layer) < 0 }

func (c *catalog) compare(a Code, aLayer Layer, b Code, bLayer Layer) int {
	return cmp.Or(cmp.Compare(position(c.layer, aLayer), position(c.layer, bLayer)), cmp.Compare(position(c.rank, a), position(c.rank, b)))
}

// Compare orders findings from the card to e-Tax: by layer, then by the catalogue's order.
func Compare(a Code, aLayer Layer, b Code, bLayer Layer) int {
	return loaded().compare(a, aLayer, b, bLayer)
}

// position puts what this version does not know (a newer program's code) last.
func position[K comparable](index map[K]int, key K) int {
	if i, ok := index[key]; ok {
		return i
	}
	return len(index)
}

func first(all []Finding, match func(Finding) bool) (Finding, bool) {
	if i := slices.IndexFunc(all, match); i >= 0 {
		return all[i], true
	}
	return Finding{}, false
}

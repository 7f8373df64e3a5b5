package security

import (
	"etax-doctor/checks/facts"
	"etax-doctor/checks/finding"
)

// Judge names what is there. No source documents that any of these products breaks the login, so it is information; the
// verdict makes a warning of it beside a symptom that it may be the reason of (worseWith in codes.json).
func Judge(f *facts.Facts) []finding.Finding {
	if f.Security.OS != "windows" {
		return nil
	}
	var all []finding.Finding
	for _, p := range f.Security.Products {
		all = append(all, finding.New("security.may-interfere", finding.Info, finding.Args{"product": p.Name, "kind": p.Kind}))
	}
	if len(all) == 0 {
		return []finding.Finding{finding.New("security.clear", finding.OK, nil)}
	}
	return all
}

package security

import (
	"strings"

	"etax-doctor/checks/facts"
	"etax-doctor/checks/finding"
)

// Judge names the products that were found. No source documents that any of them breaks the login, so this is
// information. The verdict turns it into a warning if a symptom was observed that it may explain (worseWith in
// codes.json).
func Judge(f *facts.Facts) []finding.Finding {
	if f.Security.OS != "windows" {
		return nil
	}
	var all []finding.Finding
	for _, p := range f.Security.Products {
		all = append(all, finding.New("security.may-interfere", finding.Info, finding.Args{"product": p.Name, "kind": p.Kind}))
	}
	if len(all) == 0 {
		all = append(all, finding.New("security.clear", finding.OK, nil))
	}
	if names := f.Security.Registered; len(names) > 0 {
		all = append(all, finding.New("security.registered", finding.Info, finding.Args{"names": strings.Join(names, "、")}))
	}
	return all
}

package app

import (
	"slices"
	"strings"

	"etax-doctor/checks/facts"
	"etax-doctor/checks/finding"
	"etax-doctor/manifests"
)

// Judge says whether a bridge's app can be started by a browser that is used here.
func Judge(f *facts.Facts) []finding.Finding {
	if kind, ok := f.Problem(facts.ProbeApp); ok {
		return []finding.Finding{finding.NewUnknown("app.ready", string(kind))}
	}
	if f.App == nil {
		return nil
	}
	return append(mynaportal(f.App, f.Browser), jpki(f.App)...)
}

// mynaportal judges the bridge of the card login for the browser in use. Where that is not known, one browser in which
// it is whole is enough to log in with; a broken registration in another one is then only worth a warning.
func mynaportal(a *facts.App, used string) []finding.Finding {
	if len(a.Browsers) == 0 {
		return []finding.Finding{finding.NewUnknown("app.ready", "no-browser")}
	}
	if slices.Contains(a.Browsers, used) {
		return inBrowser(a, used)
	}
	return inAny(a)
}

func inBrowser(a *facts.App, used string) []finding.Finding {
	its, others := *a, *a
	its.Registrations, others.Registrations = nil, nil
	for _, r := range a.Registrations {
		if r.Browser == used {
			its.Registrations = append(its.Registrations, r)
		} else {
			others.Registrations = append(others.Registrations, r)
		}
	}
	all := inAny(&its)
	elsewhere := inAny(&others)
	if all[0].Code == "app.mynaportal-missing" && elsewhere[0].Code == "app.ready" && elsewhere[0].Status == finding.OK {
		return []finding.Finding{finding.New("app.mynaportal-other-browser", finding.Failure, finding.Args{
			"browser": manifests.BrowserName(used), "browsers": elsewhere[0].Args["browsers"]})}
	}
	return all
}

func inAny(a *facts.App) []finding.Finding {
	var good, uncertain []string
	var broken []finding.Finding
	for _, r := range a.Registrations {
		switch {
		case !r.ForLogin:
		case r.State == facts.RegistrationOK:
			good = append(good, manifests.BrowserName(r.Browser))
		case r.State == facts.RegistrationDenied || r.State == facts.ManifestUnreadable || r.State == facts.ProgramUnknown:
			uncertain = append(uncertain, manifests.BrowserName(r.Browser))
		default:
			broken = append(broken, finding.New("app.mynaportal-broken", finding.Failure, finding.Args{
				"os": a.OS, "browser": manifests.BrowserName(r.Browser), "reason": string(r.State)}))
		}
	}
	switch {
	case len(good) > 0:
		for i := range broken {
			broken[i].Status = finding.Warning
		}
		return append([]finding.Finding{finding.New("app.ready", finding.OK, finding.Args{"browsers": list(good)})}, broken...)
	case len(broken) > 0:
		return broken
	case len(uncertain) > 0:
		return []finding.Finding{finding.NewUnknown("app.ready", "denied")}
	}
	return []finding.Finding{finding.New("app.mynaportal-missing", finding.Failure, finding.Args{"os": a.OS})}
}

func list(names []string) string {
	slices.Sort(names)
	return strings.Join(slices.Compact(names), ", ")
}

// jpki judges JPKI利用者ソフト, which the card login does not need, by marks that only secondary sources give: it is never
// more than information.
func jpki(a *facts.App) []finding.Finding {
	c := a.JPKI
	switch {
	case c == nil:
		return nil
	case !c.Installed:
		return []finding.Finding{finding.New("app.jpki-missing", finding.Info, nil)}
	case !c.Folder || !c.Menu || c.Providers == 0:
		return []finding.Finding{finding.New("app.jpki-broken", finding.Info, nil)}
	}
	return nil
}

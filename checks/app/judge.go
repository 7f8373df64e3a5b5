package app

import (
	"slices"
	"strings"

	"etax-doctor/checks/bridge"
	"etax-doctor/checks/facts"
	"etax-doctor/checks/finding"
	"etax-doctor/manifests"
)

// Judge says whether a bridge's app can be started by a browser that is used here.
func Judge(f *facts.Facts) []finding.Finding {
	return append(mynaportal(f), jpki(f.App)...)
}

// mynaportal judges the bridge of the card login for the browser in use. Where that is not known, one browser in which
// it is whole is enough to log in with; a broken registration in another one is then only worth a warning.
func mynaportal(f *facts.Facts) []finding.Finding {
	if f.Browser == "" {
		if len(f.App.Browsers) == 0 {
			return []finding.Finding{finding.NewUnknown("app.ready", "no-browser")}
		}
		return inAny(f, func(browser string) bool { return slices.Contains(f.App.Browsers, browser) })
	}
	its := inAny(f, func(browser string) bool { return browser == f.Browser })
	elsewhere := inAny(f, func(browser string) bool { return browser != f.Browser && slices.Contains(f.App.Browsers, browser) })
	if its[0].Code == "app.mynaportal-missing" && elsewhere[0].Code == "app.ready" && elsewhere[0].Status == finding.OK {
		return []finding.Finding{finding.New("app.mynaportal-other-browser", finding.Failure, finding.Args{
			"os": f.App.OS, "browser": manifests.BrowserName(f.Browser), "browsers": elsewhere[0].Args["browsers"]})}
	}
	return its
}

// effective is the state of the registration that the browser uses: where a policy forbids those of users, the
// computer's, if there is one. Where there is none, the policy is the fault, and is judged as such.
func effective(f *facts.Facts, r facts.Registration) facts.RegistrationState {
	if r.Level == facts.LevelUser && r.SystemState != "" && !f.Policy.UserLevelHostsAllowed(r.Browser) {
		return r.SystemState
	}
	return r.State
}

func inAny(f *facts.Facts, wanted func(browser string) bool) []finding.Finding {
	a := f.App
	var good, uncertain []string
	var broken []finding.Finding
	for _, r := range a.Registrations {
		state := effective(f, r)
		switch {
		case !bridge.IsForLogin(r.Host) || !wanted(r.Browser):
		case state == facts.RegistrationOK:
			good = append(good, manifests.BrowserName(r.Browser))
		case state == facts.RegistrationDenied || state == facts.ManifestUnreadable || state == facts.ProgramUnknown:
			uncertain = append(uncertain, manifests.BrowserName(r.Browser))
		default:
			broken = append(broken, finding.New("app.mynaportal-broken", finding.Failure, finding.Args{
				"os": a.OS, "browser": manifests.BrowserName(r.Browser), "reason": string(state)}))
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
	case c.Denied && !c.Installed:
		return []finding.Finding{finding.New("app.jpki-unknown", finding.Info, nil)}
	case !c.Installed:
		return []finding.Finding{finding.New("app.jpki-missing", finding.Info, nil)}
	case !c.Folder || !c.Menu || c.Providers == 0:
		return []finding.Finding{finding.New("app.jpki-broken", finding.Info, nil)}
	}
	return nil
}

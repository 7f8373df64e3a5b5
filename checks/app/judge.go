package app

import (
	"slices"
	"strings"

	"etax-doctor/checks/bridge"
	"etax-doctor/checks/facts"
	"etax-doctor/checks/finding"
	"etax-doctor/manifests"
)

// Judge says whether a browser in use here can start a bridge's app.
func Judge(f *facts.Facts) []finding.Finding {
	return append(mynaportal(f), jpki(f.App)...)
}

// mynaportal judges the card login's bridge for the browser in use. If that browser is not known, one browser with a
// working registration is enough for a login; a broken registration in another browser is then only a warning.
func mynaportal(f *facts.Facts) []finding.Finding {
	if f.Browser == "" {
		if len(f.App.Browsers) == 0 {
			return []finding.Finding{finding.NewUnknown("app.ready", "no-browser")}
		}
		return judgeBrowsers(f, func(browser string) bool { return slices.Contains(f.App.Browsers, browser) })
	}
	its := judgeBrowsers(f, func(browser string) bool { return browser == f.Browser })
	elsewhere := judgeBrowsers(f, func(browser string) bool { return browser != f.Browser && slices.Contains(f.App.Browsers, browser) })
	if its[0].Code == "app.mynaportal-missing" && elsewhere[0].Code == "app.ready" && elsewhere[0].Status == finding.OK {
		return []finding.Finding{finding.New("app.mynaportal-other-browser", finding.Failure, finding.Args{
			"os": f.App.OS, "browser": manifests.BrowserName(f.Browser), "browsers": elsewhere[0].Args["browsers"]})}
	}
	return its
}

// effectiveState returns the state of the registration that the browser uses. If a policy forbids user-level registrations,
// that is the computer's registration. If there is none, the fault is the policy, which package policy reports.
func effectiveState(f *facts.Facts, r facts.Registration) facts.RegistrationState {
	if r.Level == facts.LevelUser && r.SystemState != "" && !f.Policy.UserLevelHostsAllowed(r.Browser) {
		return r.SystemState
	}
	return r.State
}

func judgeBrowsers(f *facts.Facts, wanted func(browser string) bool) []finding.Finding {
	a := f.App
	var good, uncertain []string
	var broken, brokenInOwnFolder []finding.Finding
	for _, r := range a.Registrations {
		state := effectiveState(f, r)
		switch {
		case !counts(f, r) || !wanted(r.Browser):
		case state == facts.RegistrationOK:
			good = append(good, manifests.BrowserName(r.Browser))
		case state == facts.RegistrationDenied || state == facts.ManifestUnreadable || state == facts.ProgramUnknown:
			uncertain = append(uncertain, manifests.BrowserName(r.Browser))
		default:
			fault := finding.New("app.mynaportal-broken", finding.Failure, finding.Args{
				"os": a.OS, "browser": manifests.BrowserName(r.Browser), "reason": string(state)})
			if r.OwnFolder {
				brokenInOwnFolder = append(brokenInOwnFolder, fault)
			} else {
				broken = append(broken, fault)
			}
		}
	}
	if len(good)+len(broken)+len(uncertain) == 0 {
		broken = brokenInOwnFolder
	}
	switch {
	case len(good) > 0 && f.App.OwnFolder && wanted(f.Browser) && !inOwnFolder(f):
		return []finding.Finding{finding.NewUnknown("app.ready", "own-folder")}
	case len(good) > 0 && f.App.OwnFolder && wanted(f.Browser): // what is broken in the usual folder does not matter then
		return []finding.Finding{finding.New("app.ready", finding.OK, finding.Args{"browsers": list(good)})}
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
	return []finding.Finding{finding.New("app.mynaportal-missing", finding.Failure, finding.Args{"os": a.OS, "app": bridge.AppOf(f.Bridge)})}
}

// inOwnFolder reports whether the browser that asks finds a registration in its own folder, or one for the whole computer.
func inOwnFolder(f *facts.Facts) bool {
	return slices.ContainsFunc(f.App.Registrations, func(r facts.Registration) bool { return r.OwnFolder && r.Browser == f.Browser })
}

// counts reports whether a registration is one that the login can use: of the only bridge that is switched on, if that is
// known. One in the folder of a browser with its own is of that browser, the one that asks. One there that allows only
// other extensions is that of a bridge that is not in the table, and says nothing of those that are.
func counts(f *facts.Facts, r facts.Registration) bool {
	if f.Bridge != "" && r.Host != f.Bridge || f.Bridge == "" && !bridge.IsForLogin(r.Host) {
		return false
	}
	return !r.OwnFolder || r.Browser == f.Browser && r.State != facts.OriginMissing
}

func list(names []string) string {
	slices.Sort(names)
	return strings.Join(slices.Compact(names), ", ")
}

// jpki judges JPKI利用者ソフト. Its findings are never more than information: the card login does not need it, and only
// secondary sources say how to recognise it.
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

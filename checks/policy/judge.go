package policy

import (
	"slices"

	"etax-doctor/checks/bridge"
	"etax-doctor/checks/facts"
	"etax-doctor/checks/finding"
	"etax-doctor/manifests"
)

// Judge says which policies block the card login.
func Judge(f *facts.Facts) []finding.Finding {
	if f.Policy.OS == "darwin" {
		return []finding.Finding{finding.NewUnknown("policy.clear", "no-probe-for-this-os")}
	}
	var all []finding.Finding
	unreadable, uncertain := f.Policy.DisableCMDUnreadable, false
	direct := map[string]bool{}
	official := bridge.ForLogin()[0] // an allowed unofficial bridge does not help a person with the official one
	for _, p := range f.Policy.Browsers {
		direct[p.Browser] = p.LaunchDirectly != nil && *p.LaunchDirectly
		if !slices.Contains(inUse(f, p.Browser), p.Browser) {
			continue // only a browser in use needs access to the card
		}
		args := func(policy string) finding.Args {
			return finding.Args{"browser": manifests.BrowserName(p.Browser), "policy": policy}
		}
		if policies(p).blocksHost(official.Host) {
			all = append(all, finding.New("policy.native-messaging-blocked", finding.Failure, args(hostBlocklist)))
		}
		if !f.Policy.UserLevelHostsAllowed(p.Browser) && onlyForThisUser(f.App, p.Browser) {
			all = append(all, finding.New("policy.user-hosts-disabled", finding.Failure, args(userLevelHosts)))
		}
		policy, unsure := policies(p).blocksBridge(official, p.Browser)
		if policy != "" && !unsure {
			all = append(all, finding.New("policy.extension-blocked", finding.Failure, args(policy)))
		}
		unreadable = unreadable || p.Unreadable
		uncertain = uncertain || policy != "" && unsure
	}
	throughPrompt := f.App == nil || slices.ContainsFunc(inUse(f), func(b string) bool { return !direct[b] })
	// The value 2 forbids the command prompt only to people, not to programs.
	if f.Policy.DisableCMD != nil && *f.Policy.DisableCMD == 1 && throughPrompt {
		all = append(all, finding.New("policy.command-prompt-disabled", finding.Failure, finding.Args{"policy": disableCMD}))
	}
	switch {
	case len(all) > 0:
		return downgrade(f, all)
	case unreadable:
		return []finding.Finding{finding.NewUnknown("policy.clear", "denied")}
	}
	if uncertain {
		return []finding.Finding{finding.NewUnknown("policy.clear", "edge-id-unknown")}
	}
	return []finding.Finding{finding.New("policy.clear", finding.OK, nil)}
}

// inUse returns the browsers that matter: the one that asked, else those that were found, else otherwise.
func inUse(f *facts.Facts, otherwise ...string) []string {
	switch {
	case f.Browser != "":
		return []string{f.Browser}
	case f.App != nil:
		return f.App.Browsers
	}
	return otherwise
}

// onlyForThisUser reports whether the browser needs this user's own registration: the computer's is missing or broken.
func onlyForThisUser(a *facts.App, browser string) bool {
	return a != nil && slices.ContainsFunc(a.Registrations, func(r facts.Registration) bool {
		return r.Browser == browser && r.Level == facts.LevelUser && r.SystemState != facts.RegistrationOK && bridge.IsForLogin(r.Host)
	})
}

// downgrade turns failures that block one browser into warnings if no policy blocks another browser in use.
func downgrade(f *facts.Facts, all []finding.Finding) []finding.Finding {
	if f.App == nil {
		return all
	}
	stopped := map[string]bool{}
	for _, x := range all {
		name, ofOne := x.Args["browser"]
		if !ofOne {
			return all
		}
		stopped[name] = true
	}
	free := slices.ContainsFunc(inUse(f), func(b string) bool { return !stopped[manifests.BrowserName(b)] })
	for i := range all {
		if free {
			all[i].Status = finding.Warning
		}
	}
	return all
}

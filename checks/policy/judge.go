package policy

import (
	"slices"

	"etax-doctor/checks/facts"
	"etax-doctor/checks/finding"
	"etax-doctor/manifests"
)

// Judge says which policy stands in the way.
func Judge(f *facts.Facts) []finding.Finding {
	if kind, ok := f.Problem(facts.ProbePolicy); ok {
		return []finding.Finding{finding.NewUnknown("policy.clear", string(kind))}
	}
	if f.Policy == nil {
		return nil
	}
	if f.Policy.OS == "darwin" {
		return []finding.Finding{finding.NewUnknown("policy.clear", "no-probe-for-this-os")}
	}
	var all []finding.Finding
	unreadable := false
	for _, p := range f.Policy.Browsers {
		args := func(policy string) finding.Args {
			return finding.Args{"browser": manifests.BrowserName(p.Browser), "policy": policy}
		}
		for _, policy := range p.NativeMessagingBlocked {
			all = append(all, finding.New("policy.native-messaging-blocked", finding.Failure, args(policy)))
		}
		if p.UserHostsOff && onlyForThisUser(f.App, p.Browser) {
			all = append(all, finding.New("policy.user-hosts-disabled", finding.Failure, args(userLevelHosts)))
		}
		for _, policy := range p.ExtensionsBlocked {
			all = append(all, finding.New("policy.extension-blocked", finding.Failure, args(policy)))
		}
		unreadable = unreadable || p.Unreadable
	}
	direct := slices.ContainsFunc(f.Policy.Browsers, func(p facts.BrowserPolicy) bool { return p.LaunchDirectly })
	if f.Policy.CommandPromptDisabled && !direct {
		all = append(all, finding.New("policy.command-prompt-disabled", finding.Failure, finding.Args{"policy": disableCMD}))
	}
	switch {
	case len(all) > 0:
		return all
	case unreadable:
		return []finding.Finding{finding.NewUnknown("policy.clear", "denied")}
	}
	return []finding.Finding{finding.New("policy.clear", finding.OK, nil)}
}

// onlyForThisUser reports whether the browser would have to use a registration that is this user's own.
func onlyForThisUser(a *facts.App, browser string) bool {
	return a != nil && slices.ContainsFunc(a.Registrations, func(r facts.Registration) bool {
		return r.Browser == browser && r.Level == facts.LevelUser && r.ForLogin
	})
}

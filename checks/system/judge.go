package system

import (
	"slices"
	"time"

	"etax-doctor/checks/bridge"
	"etax-doctor/checks/conditions"
	"etax-doctor/checks/facts"
	"etax-doctor/checks/finding"
)

// Judge says whether the clock is right, because a wrong clock makes a valid certificate look invalid, and whether
// e-Tax recommends the system.
func Judge(f *facts.Facts) []finding.Finding {
	found := judge(f)
	if f.System.RemoteSession {
		status := finding.Warning
		if conditions.RemoteHidesReaders(f) {
			status = finding.Failure
		}
		found = append(found, finding.New("reader.remote-session", status, nil))
	}
	return found
}

func judge(f *facts.Facts) []finding.Finding {
	args := finding.Args{"name": f.System.Name, "os": f.System.OS}
	if conditions.ClockIsWrong(f) {
		args["clock"] = f.System.Clock.Format(time.DateOnly)
		return []finding.Finding{finding.New("system.clock-wrong", finding.Failure, args)}
	}
	all := []finding.Finding{finding.New("system.supported", finding.OK, args)}
	e, known, ok := environmentOf(f.System, f.CollectedAt)
	switch {
	case !ok || known && e.Recommended:
		return all
	case !known:
		return append(all, finding.New("system.support-unknown", finding.Info, finding.Args{"name": f.System.Name, "os": f.System.OS, "season": e.Season}))
	}
	status := finding.Warning
	if f.System.OS == "linux" && hasLoginBridge(f.App) {
		status = finding.Info // a person with a bridge on Linux chose this system on purpose
	}
	return append(all, finding.New("system.unsupported-os", status, finding.Args{"name": f.System.Name, "os": f.System.OS, "since": e.Since}))
}

// hasLoginBridge reports whether an app that e-Tax's card login can use is registered and complete.
func hasLoginBridge(a *facts.App) bool {
	return a != nil && slices.ContainsFunc(a.Registrations, func(r facts.Registration) bool {
		return r.State == facts.RegistrationOK && bridge.IsForLogin(r.Host)
	})
}

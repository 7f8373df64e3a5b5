package system

import (
	"time"

	"etax-doctor/checks/facts"
	"etax-doctor/checks/finding"
)

// Judge says whether the clock can be trusted, since a wrong one makes a good certificate look bad, and whether the
// system is one that e-Tax recommends.
func Judge(f *facts.Facts) []finding.Finding {
	args := finding.Args{"name": f.System.Name, "os": f.System.OS}
	if f.System.ClockWrong() {
		args["clock"] = f.System.Clock.Format(time.DateOnly)
		return []finding.Finding{finding.New("system.clock-wrong", finding.Failure, args)}
	}
	all := []finding.Finding{finding.New("system.supported", finding.OK, args)}
	if e, out := notRecommended(f.System, f.CollectedAt); out {
		status := finding.Warning
		if f.System.OS == "linux" && f.App.HasLoginBridge() {
			status = finding.Info // who has a bridge on Linux knows what they are doing
		}
		all = append(all, finding.New("system.unsupported-os", status, finding.Args{"name": f.System.Name, "os": f.System.OS, "since": e.Since}))
	}
	return all
}

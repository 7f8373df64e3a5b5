package system

import (
	"time"

	"etax-doctor/checks/facts"
	"etax-doctor/checks/finding"
)

// Judge says whether the clock can be trusted: a wrong one makes a good certificate look bad.
func Judge(f *facts.Facts) []finding.Finding {
	if kind, ok := f.Problem(facts.ProbeSystem); ok {
		return []finding.Finding{finding.NewUnknown("system.supported", string(kind))}
	}
	if f.System == nil {
		return nil
	}
	args := finding.Args{"name": f.System.Name, "os": f.System.OS}
	if f.System.ClockWrong() {
		args["clock"] = f.System.Clock.Format(time.DateOnly)
		return []finding.Finding{finding.New("system.clock-wrong", finding.Failure, args)}
	}
	return []finding.Finding{finding.New("system.supported", finding.OK, args)}
}

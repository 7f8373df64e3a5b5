package registration

import (
	"strings"

	"etax-doctor/checks/facts"
	"etax-doctor/checks/finding"
	"etax-doctor/manifests"
)

// Judge says which browsers can start this program, and why others cannot. A login never fails because of that, so it
// is only information.
func Judge(f *facts.Facts) []finding.Finding {
	var good []string
	var found []finding.Finding
	for _, r := range f.OwnHost.Registrations {
		name := manifests.BrowserName(r.Browser)
		reason := string(r.State)
		switch {
		case r.State == facts.RegistrationOK && r.Version == f.OwnHost.Version:
			good = append(good, name)
			continue
		case r.State == facts.RegistrationOK && r.NotStarted:
			found = append(found, finding.New("doctor.not-started", finding.Info, finding.Args{"browser": name}))
			continue
		case r.State == facts.RegistrationOK && r.Version == "":
			reason = "no-answer"
		case r.State == facts.RegistrationOK:
			reason = "other-version"
		}
		found = append(found, finding.New("doctor.broken", finding.Info, finding.Args{"browser": name, "reason": reason}))
	}
	switch {
	case len(good) > 0:
		found = append(found, finding.New("doctor.ready", finding.OK, finding.Args{"browsers": strings.Join(good, ", ")}))
	case len(found) == 0:
		found = append(found, finding.New("doctor.unregistered", finding.Info, nil))
	}
	return found
}

package finding

import (
	"maps"
	"time"
)

// ForRecord returns a finding as it may be saved. The login certificate ends on the holder's birthday, so only the
// years of its dates are kept. The exact day is shown only on the holder's screen.
func ForRecord(f Finding) Finding {
	f.Args = maps.Clone(f.Args)
	delete(f.Args, "daysLeft")
	for _, name := range []string{"notBefore", "notAfter"} {
		if day, err := time.Parse(time.DateOnly, f.Args[name]); err == nil {
			f.Args[name] = day.Format("2006")
		}
	}
	return f
}

// ForRecords is ForRecord for several findings.
func ForRecords(findings []Finding) []Finding {
	kept := make([]Finding, len(findings))
	for i, f := range findings {
		kept[i] = ForRecord(f)
	}
	return kept
}

package finding

import (
	"maps"
	"time"
)

// ForRecord is a finding as it may be kept: the login certificate ends on a birthday, so of its days the years are left.
// The exact day is for the screen of the person whose card it is.
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

// ForRecords is ForRecord of several.
func ForRecords(findings []Finding) []Finding {
	kept := make([]Finding, len(findings))
	for i, f := range findings {
		kept[i] = ForRecord(f)
	}
	return kept
}

package simulate

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"etax-doctor/checks"
	"etax-doctor/checks/finding"
)

func TestEachSimulationGivesItsVerdict(t *testing.T) {
	want := map[string]finding.Code{
		"healthy":              finding.AllFine,
		"expired":              "certificate.expired",
		"expires-soon":         "certificate.expires-soon",
		"renewed-today":        "certificate.renewed-today",
		"not-yet-valid":        "certificate.not-yet-valid",
		"no-login-certificate": "certificate.missing",
		"test-card":            "certificate.test",
		"locked":               "pin.login-locked",
		"last-try":             "pin.login-last-try",
		"signing-locked":       "pin.signing-locked",
		"no-card":              "card.absent",
		"not-my-number":        "card.not-my-number",
		"phone":                "card.phone",
		"in-use":               "card.in-use",
		"removed":              "card.removed",
		"mute":                 "card.mute",
		"app-missing":          "app.mynaportal-missing",
		"app-broken":           "app.mynaportal-broken",
		"policy-blocked":       "policy.native-messaging-blocked",
		"windows-10":           "system.unsupported-os",
		"no-reader":            "reader.none",
		"service-stopped":      "service.smart-card-stopped",
		"service-missing":      "service.smart-card-missing",
	}
	for _, now := range []time.Time{
		time.Date(2027, 2, 15, 3, 0, 0, 0, time.UTC),
		time.Date(2027, 2, 15, 14, 59, 59, 0, time.UTC), // the last second of the day in Japan
		time.Date(2028, 2, 29, 15, 0, 0, 0, time.UTC),
	} {
		for _, name := range Names() {
			t.Run(name, func(t *testing.T) {
				machine, card, ok := New(name, now)
				require.True(t, ok)
				r := checks.Run(context.Background(), machine, checks.Options{})
				assert.Equal(t, want[name], r.Verdict.Code, "%+v", r.Findings)
				assert.Equal(t, name, r.Facts.Simulated)
				if card == nil {
					return
				}
				for _, cmd := range card.Record() {
					if len(cmd) > 1 && cmd[1] == 0x20 {
						assert.Len(t, cmd, 4, "a VERIFY with data")
					}
				}
			})
		}
	}
	assert.Len(t, want, len(Names()))
}

// A healthy machine has nothing to worry about, and one fault is not shown as two.
func TestFewFalseAlarms(t *testing.T) {
	for _, name := range Names() {
		machine, _, _ := New(name, time.Now())
		failures := 0
		for _, f := range checks.Run(context.Background(), machine, checks.Options{}).Findings {
			if f.Status == finding.Failure || f.Status == finding.Warning {
				failures++
			}
			if f.Status == finding.Skipped {
				assert.NotEmpty(t, f.SkippedBecause, "%s: %s", name, f.Code)
			}
		}
		if name == "healthy" {
			assert.Zero(t, failures)
		} else if name != "test-card" {
			assert.Equal(t, 1, failures, name)
		}
	}
}

func TestUnknownName(t *testing.T) {
	_, _, ok := New("perfect", time.Now())
	assert.False(t, ok)
}

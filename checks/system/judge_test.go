package system

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"etax-doctor/checks/facts"
	"etax-doctor/checks/finding"
)

func TestClock(t *testing.T) {
	built := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for clock, want := range map[time.Time]finding.Code{
		built.AddDate(0, 3, 0):     "system.supported",
		built:                      "system.supported",
		built.Add(-23 * time.Hour): "system.supported", // a time zone away
		built.Add(-25 * time.Hour): "system.clock-wrong",
		time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC):   "system.clock-wrong",
		time.Date(2015, 1, 1, 0, 0, 0, 0, time.Local): "system.clock-wrong",
	} {
		got := Judge(&facts.Facts{System: &facts.System{Clock: clock, BuiltAt: built}})
		assert.Equal(t, want, got[0].Code, clock)
	}
}

// Only e-Tax's own time shows that a clock is ahead: to the program alone, it looks like the passing of time.
func TestAClockThatIsAhead(t *testing.T) {
	now := time.Date(2027, 2, 16, 3, 0, 0, 0, time.UTC)
	for ahead, want := range map[float64]finding.Code{
		0: "system.supported", 3600: "system.supported", -80000: "system.supported", 90000: "system.clock-wrong", -90000: "system.clock-wrong", 3e7: "system.clock-wrong",
	} {
		f := &facts.Facts{ClockAhead: ahead, System: &facts.System{OS: "windows", Name: "Windows 11", Build: 26100, Clock: now, BuiltAt: now}}
		assert.Equal(t, want, Judge(f)[0].Code, ahead)
	}
}

func TestProbe(t *testing.T) {
	now := time.Now()
	s := Probe(t.Context(), now, now)
	assert.NotEmpty(t, s.Name)
	assert.NotEmpty(t, s.OS)
	assert.NotEmpty(t, s.Arch)
	assert.True(t, s.Clock.Equal(now))
}

func TestRecommendedEnvironment(t *testing.T) {
	day := func(s string) time.Time {
		d, err := time.Parse(time.DateOnly, s)
		assert.NoError(t, err)
		return d
	}
	bridge := &facts.App{Registrations: []facts.Registration{{Host: "jp.go.cao.mpa", State: facts.RegistrationOK}}}
	for _, c := range []struct {
		name   string
		system facts.System
		app    *facts.App
		now    string
		want   string // the finding beside system.supported
	}{
		{"Windows 11", facts.System{OS: "windows", Build: 26100}, nil, "2026-12-31", ""},
		{"the first Windows 11", facts.System{OS: "windows", Build: 22000}, nil, "2026-12-31", ""},
		{"Windows 10", facts.System{OS: "windows", Build: 19045}, nil, "2026-12-31", "system.unsupported-os warning"},
		{"Windows 10, before it ended", facts.System{OS: "windows", Build: 19045}, nil, "2025-10-13", ""},
		{"Windows 10, the day it ended", facts.System{OS: "windows", Build: 19045}, nil, "2025-10-14", "system.unsupported-os warning"},
		{"Windows 7", facts.System{OS: "windows", Build: 7601}, nil, "2026-12-31", "system.unsupported-os warning"},
		{"macOS", facts.System{OS: "darwin"}, nil, "2026-12-31", ""},
		{"Linux", facts.System{OS: "linux"}, nil, "2026-12-31", "system.unsupported-os warning"},
		{"Linux with a bridge", facts.System{OS: "linux"}, bridge, "2026-12-31", "system.unsupported-os info"},
		{"a system that no entry covers", facts.System{OS: "plan9"}, nil, "2026-12-31", ""},
		{"Windows 10, a season later", facts.System{OS: "windows", Build: 19045}, nil, "2027-01-01", "system.unsupported-os warning"},
		{"Linux with a bridge, a season later", facts.System{OS: "linux"}, bridge, "2027-01-01", "system.unsupported-os info"},
		{"macOS, a season later", facts.System{OS: "darwin"}, nil, "2027-01-01", "system.support-unknown info"},
		{"Windows 11, a season later", facts.System{OS: "windows", Build: 26100}, nil, "2027-01-01", "system.support-unknown info"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Judge(&facts.Facts{System: &c.system, App: c.app, CollectedAt: day(c.now)})
			assert.Equal(t, finding.Code("system.supported"), got[0].Code)
			given := ""
			if len(got) > 1 {
				given = fmt.Sprint(got[1].Code, " ", got[1].Status)
			}
			assert.Equal(t, c.want, given)
		})
	}
}

// Over remote desktop the readers are another computer's, whether one answers or not.
func TestRemoteSession(t *testing.T) {
	got := Judge(&facts.Facts{System: &facts.System{OS: "windows", RemoteSession: true}, Problems: []facts.Problem{{Probe: facts.ProbeReader, Kind: facts.TimedOut}}})
	last := got[len(got)-1]
	assert.Equal(t, finding.Code("reader.remote-session"), last.Code)
	assert.Equal(t, finding.Warning, last.Status)
	for _, pcsc := range []*facts.PCSC{{State: facts.PCSCNoService}, {State: facts.PCSCReachable}, {State: facts.PCSCReachable, Readers: []facts.Reader{{Name: "Windows Hello for Business 1"}}}} {
		got = Judge(&facts.Facts{System: &facts.System{OS: "windows", RemoteSession: true}, PCSC: pcsc})
		assert.Equal(t, finding.Failure, got[len(got)-1].Status, "no reader of any computer is visible")
	}
	assert.Equal(t, finding.Layer("reader"), last.Layer)
}

package system

import (
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

func TestProbe(t *testing.T) {
	now := time.Now()
	s := Probe(t.Context(), now, now)
	assert.NotEmpty(t, s.Name)
	assert.NotEmpty(t, s.OS)
	assert.NotEmpty(t, s.Arch)
	assert.True(t, s.Clock.Equal(now))
}

func TestNotLookedAt(t *testing.T) {
	assert.Nil(t, Judge(&facts.Facts{}))
	f := &facts.Facts{Problems: []facts.Problem{{Probe: facts.ProbeSystem, Kind: facts.Crashed}}}
	assert.Equal(t, finding.Unknown, Judge(f)[0].Status)
}

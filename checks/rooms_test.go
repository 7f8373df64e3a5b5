package checks

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"

	"etax-doctor/checks/facts"
	"etax-doctor/checks/finding"
)

func TestEachLayerHasOneRoom(t *testing.T) {
	seen := map[finding.Layer]bool{}
	for _, r := range Rooms {
		assert.False(t, seen[r.Layer], r.Layer)
		seen[r.Layer] = true
		if r.Fine != "" {
			assert.Equal(t, r.Layer, finding.MustLookup(r.Fine).Layer)
		}
		assert.Contains(t, append(Stations, ""), r.Station)
		if r.dependsOn != "" {
			assert.NotEmpty(t, room(r.dependsOn).probe, r.Layer)
		}
	}
	assert.Subset(t, Layers(), []finding.Layer{"reader", "card", "certificate", "service", "system", "app", "policy", "security"})
	assert.NotContains(t, Layers(), finding.Layer("doctor"), "our own registration is looked at only beside all others")
}

// Room.findings handles these cases for every room, so that no judge has to.
func TestARoomThatCannotBeJudged(t *testing.T) {
	failed := func(p facts.Probe) *facts.Facts {
		return &facts.Facts{Problems: []facts.Problem{{Probe: p, Kind: facts.TimedOut}}}
	}
	for _, r := range Rooms {
		if r.judge == nil {
			continue
		}
		t.Run(string(r.Layer), func(t *testing.T) {
			assert.Empty(t, r.findings(&facts.Facts{}), "not looked at")
			if r.probe != "" {
				assert.Equal(t, r.unknown("timed-out"), r.findings(failed(r.probe)), "its probe failed")
			}
			for below := room(r.dependsOn); below.Layer != ""; below = room(below.dependsOn) {
				assert.Equal(t, []finding.Finding{finding.NewSkipped(r.Fine, r.dependsOn)}, r.findings(failed(below.probe)), "the probe of %s failed", below.Layer)
			}
			r.judge = func(*facts.Facts) []finding.Finding { panic("a bug") }
			assert.Equal(t, r.unknown("crashed"), r.findings(emptyFacts()), "its judge crashed")
		})
	}
}

// emptyFacts returns facts in which each part was probed and is empty.
func emptyFacts() *facts.Facts {
	f := &facts.Facts{}
	parts := reflect.ValueOf(f).Elem()
	for i := range parts.NumField() {
		if part := parts.Field(i); part.Kind() == reflect.Pointer {
			part.Set(reflect.New(part.Type().Elem()))
		}
	}
	return f
}

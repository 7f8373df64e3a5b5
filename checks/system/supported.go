package system

import (
	_ "embed"
	"slices"
	"time"

	"etax-doctor/checks/facts"
	"etax-doctor/checks/table"
)

// supportedJSON is e-Tax's recommended environment, as far as public sources give it. The requirements of each new tax
// season are added here, in front of those of the season before: the first entry that covers a system and a day counts.
//
//go:embed supported.json
var supportedJSON []byte

type environment struct {
	OS          string `json:"os"`
	FromBuild   uint32 `json:"fromBuild"`
	ToBuild     uint32 `json:"toBuild"` // 0: no end
	Recommended bool   `json:"recommended"`
	Since       string `json:"since"` // a day in Japan; before it, the entry does not apply
	// Season are the returns that it is known for, Until the last day on which those are filed, in Japan: after it, nothing is
	// known. Both are empty if there is no end.
	Season     string `json:"season"`
	Until      string `json:"until"`
	Source     string `json:"source"`
	Confidence string `json:"confidence"`
}

var environments = table.Once[[]environment]("supported.json", supportedJSON)

// environmentOf returns the entry that covers a system on a day; false if none does. known is false if its season is over.
func environmentOf(s *facts.System, now time.Time) (e environment, known, ok bool) {
	today := now.In(time.FixedZone("JST", 9*60*60)).Format(time.DateOnly)
	i := slices.IndexFunc(environments(), func(e environment) bool {
		return e.OS == s.OS && s.Build >= e.FromBuild && (e.ToBuild == 0 || s.Build <= e.ToBuild) && today >= e.Since
	})
	if i < 0 {
		return environment{}, false, false
	}
	e = environments()[i]
	return e, e.Until == "" || today <= e.Until, true
}

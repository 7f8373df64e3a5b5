package system

import (
	_ "embed"
	"slices"
	"time"

	"etax-doctor/checks/facts"
	"etax-doctor/checks/table"
)

// supportedJSON is e-Tax's recommended environment, as far as public sources give it. The requirements of each new tax
// season are added here.
//
//go:embed supported.json
var supportedJSON []byte

type environment struct {
	OS          string `json:"os"`
	FromBuild   uint32 `json:"fromBuild"`
	ToBuild     uint32 `json:"toBuild"` // 0: no end
	Recommended bool   `json:"recommended"`
	Since       string `json:"since"` // a day in Japan; before it, the entry does not apply
	Source      string `json:"source"`
	Confidence  string `json:"confidence"`
}

var environments = table.Once[[]environment]("supported.json", supportedJSON)

// notRecommended returns the entry that puts a system outside the recommended environment. A system that no entry covers is
// not judged.
func notRecommended(s *facts.System, now time.Time) (environment, bool) {
	today := now.In(time.FixedZone("JST", 9*60*60)).Format(time.DateOnly)
	i := slices.IndexFunc(environments(), func(e environment) bool {
		return e.OS == s.OS && s.Build >= e.FromBuild && (e.ToBuild == 0 || s.Build <= e.ToBuild) && today >= e.Since
	})
	if i < 0 || environments()[i].Recommended {
		return environment{}, false
	}
	return environments()[i], true
}

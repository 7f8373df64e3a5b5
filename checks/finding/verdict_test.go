package finding

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The same cases are run by node, in testdata/extension/verdict.test.mjs.
func TestVerdictCases(t *testing.T) {
	data, err := os.ReadFile("../../testdata/verdicts/cases.json")
	require.NoError(t, err)
	var cases []struct {
		Name     string
		Findings []Finding
		Verdict  Code
	}
	require.NoError(t, json.Unmarshal(data, &cases))
	require.GreaterOrEqual(t, len(cases), 60)
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			for i := range c.Findings {
				if e, ok := Lookup(c.Findings[i].Code); ok {
					c.Findings[i].Layer = e.Layer
					if c.Findings[i].ExplainedBy == nil {
						c.Findings[i].ExplainedBy = e.ExplainedBy
					}
				}
			}
			assert.Equal(t, c.Verdict, Verdict(c.Findings).Code)
		})
	}
}

func TestResolveFollowsTheCauseToItsRoot(t *testing.T) {
	all := []Finding{
		New("service.smart-card-stopped", Failure, nil),
		NewSkipped("reader.ready", "service"),
		NewSkipped("card.ready", "reader"),
		NewSkipped("certificate.valid", "card"),
	}
	Resolve(all)
	for _, f := range all[1:] {
		assert.Equal(t, Code("service.smart-card-stopped"), f.SkippedBecause, f.Code)
	}
}

func TestCatalogue(t *testing.T) {
	seen := map[Code]bool{}
	for _, e := range Codes() {
		assert.False(t, seen[e.Code], "%s stands twice", e.Code)
		seen[e.Code] = true
		if e.Layer != "" { // a verdict that nothing is wrong is of neither class
			assert.Contains(t, []string{"hardware", "authentication"}, e.Class, e.Code)
		}
		assert.Contains(t, []string{"", "low", "medium", "high"}, e.Difficulty, e.Code)
		if e.Layer != "" {
			assert.Contains(t, Layers(), e.Layer, e.Code)
		}
		for _, l := range e.Links {
			assert.Regexp(t, `^https://((www\.)?(e-tax\.nta|jpki|nta)\.go\.jp/|chromewebstore\.google\.com/detail/fjjibalalngebiaophebgkkohaaggphf$)`, l, "official pages only")
		}
	}
}

func TestACodeOutsideTheCatalogueIsAMistakeOfOurs(t *testing.T) {
	assert.Panics(t, func() { New("no.such-code", OK, nil) })
}

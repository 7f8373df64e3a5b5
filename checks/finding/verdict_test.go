package finding

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// readCases reads test cases that extension/test/verdict.test.mjs runs too.
func readCases[T any](t *testing.T, file string) (cases []T) {
	t.Helper()
	data, err := os.ReadFile("../../testdata/verdicts/" + file)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &cases))
	require.NotEmpty(t, cases)
	return cases
}

// withLayers sets the layer of each finding from the catalogue.
func withLayers(findings []Finding) []Finding {
	for i, f := range findings {
		if e, ok := Lookup(f.Code); ok {
			findings[i].Layer = e.Layer
		}
	}
	return findings
}

func TestVerdictCases(t *testing.T) {
	type verdictCase struct {
		Name     string
		Findings []Finding
		Verdict  Code
		Weighed  map[Code]Status
		// Apart are the symptoms that the verdict does not explain; nil if the case does not say.
		Apart []Code
	}
	for _, c := range readCases[verdictCase](t, "cases.json") {
		t.Run(c.Name, func(t *testing.T) {
			verdict, weighed := Verdict(withLayers(c.Findings))
			assert.Equal(t, c.Verdict, verdict.Code)
			assert.Len(t, weighed, len(c.Findings))
			var apart []Code
			for _, f := range Apart(weighed, verdict) {
				apart = append(apart, f.Code)
			}
			if c.Apart != nil {
				assert.ElementsMatch(t, c.Apart, apart)
			}
			for _, f := range weighed {
				if status, said := c.Weighed[f.Code]; said {
					assert.Equal(t, status, f.Status, f.Code)
				}
			}
		})
	}
}

func TestOrderCases(t *testing.T) {
	type orderCase struct {
		Name     string
		Findings []Finding
		Order    []Code
		Worst    Status
	}
	for _, c := range readCases[orderCase](t, "order.json") {
		t.Run(c.Name, func(t *testing.T) {
			findings := withLayers(c.Findings)
			worst := slices.MinFunc(findings, func(a, b Finding) int {
				if Worse(a.Status, b.Status) {
					return -1
				}
				return 1
			})
			assert.Equal(t, c.Worst, worst.Status)
			slices.SortFunc(findings, func(a, b Finding) int { return Compare(a.Code, a.Layer, b.Code, b.Layer) })
			for i, code := range c.Order {
				assert.Equal(t, code, findings[i].Code)
			}
		})
	}
}

func TestResolveFollowsTheCauseToItsRoot(t *testing.T) {
	all := []Finding{
		New("service.smart-card-stopped", Failure, Args{"os": "linux"}),
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
		if e.Layer != "" { // a verdict without a fault has no class
			assert.Contains(t, []string{"hardware", "authentication"}, e.Class, e.Code)
		}
		assert.Contains(t, []string{"", "low", "medium", "high"}, e.Difficulty, e.Code)
		if e.Layer != "" {
			assert.Contains(t, Layers(), e.Layer, e.Code)
		}
		for _, l := range e.Links {
			assert.Regexp(t, `^https://((www\.)?(e-tax\.nta|jpki|nta)\.go\.jp/|myna\.go\.jp/$|chromewebstore\.google\.com/detail/fjjibalalngebiaophebgkkohaaggphf$)`, l, "official pages only")
		}
	}
}

func TestWhatIsNotInTheCatalogueIsAMistakeOfOurs(t *testing.T) {
	assert.Panics(t, func() { New("no.such-code", OK, nil) })
	assert.Panics(t, func() { New("card.in-use", Failure, nil) }, "an argument is missing")
	assert.Panics(t, func() { New("card.in-use", Failure, Args{"how": "exclusive", "why": ""}) }, "an argument too many")
}

package texts

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"etax-doctor/checks/finding"
)

func load(t *testing.T, language string) *Catalog {
	t.Helper()
	c, err := Load(language)
	require.NoError(t, err)
	return c
}

// The same cases are run by node, in extension/test/texts.test.mjs.
func TestTextCases(t *testing.T) {
	data, err := os.ReadFile("../../testdata/texts/cases.json")
	require.NoError(t, err)
	var cases []struct {
		Name, Language, Title, Detail string
		Finding                       finding.Finding
		Steps                         []string
	}
	require.NoError(t, json.Unmarshal(data, &cases))
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			catalog := load(t, c.Language)
			assert.Equal(t, c.Title, catalog.Title(c.Finding))
			if c.Detail != "" {
				assert.Equal(t, c.Detail, catalog.Detail(c.Finding))
			}
			if c.Steps != nil {
				assert.Equal(t, c.Steps, catalog.Steps(c.Finding))
			}
		})
	}
}

func TestBothLanguagesHaveTheSameTexts(t *testing.T) {
	ja, en := load(t, "ja"), load(t, "en")
	keys := ja.Keys()
	sort.Strings(keys)
	other := en.Keys()
	sort.Strings(other)
	require.Equal(t, keys, other)
	for _, k := range keys {
		a, b := placeholders(ja.Raw(k)), placeholders(en.Raw(k))
		assert.Equal(t, a, b, "placeholders of %s", k)
		assert.Equal(t, ja.Raw(k) == "", en.Raw(k) == "", "%s is empty in one language", k)
	}
}

func placeholders(text string) []string {
	names := []string{}
	for _, m := range Placeholder.FindAllStringSubmatch(text, -1) {
		if !slices.Contains(names, m[1]) {
			names = append(names, m[1])
		}
	}
	sort.Strings(names)
	return names
}

func TestEveryWordOfTheCatalogueHasItsText(t *testing.T) {
	for _, language := range Languages {
		c := load(t, language)
		for _, e := range finding.Codes() {
			if e.Takes != "" {
				assert.NotEmpty(t, c.Takes(finding.Finding{Code: e.Code, Status: finding.Failure}), "%s: how long %s takes", language, e.Code)
			}
			assert.Equal(t, e.Bring != "", c.Bring(finding.Finding{Code: e.Code, Status: finding.Failure}) != nil, "%s: what to bring for %s", language, e.Code)
		}
		for _, l := range finding.Layers() {
			assert.NotEmpty(t, c.Layer(l), "%s name of layer %s", language, l)
		}
	}
}

// A person who has seen a message is told what to do.
func TestEachSymptomHasStepsAndALink(t *testing.T) {
	for _, language := range Languages {
		c := load(t, language)
		for _, e := range finding.Codes() {
			if !finding.IsSymptom(e.Code) {
				continue
			}
			steps := c.Steps(finding.Finding{Code: e.Code, Status: finding.Info})
			assert.True(t, 2 <= len(steps) && len(steps) <= 4, "%s: %s has %d steps", language, e.Code, len(steps))
			for _, step := range steps {
				assert.NotRegexp(t, `[{}]|^$`, step, "%s: %s", language, e.Code)
			}
			assert.NotEmpty(t, e.LinksIn("edge"), "%s: a link that Edge can use too", e.Code)
			assert.NotRegexp(t, `という表示|This says|This asks`, c.Title(finding.Finding{Code: e.Code}), "the title says the meaning")
		}
	}
}

// The sentence that says how long a remedy takes fits its steps.
func TestHowLongAgreesWithTheSteps(t *testing.T) {
	ja := load(t, "ja")
	for _, e := range finding.Codes() {
		f := finding.Finding{Code: e.Code, Status: finding.Failure}
		steps, takes := strings.Join(ja.Steps(f), ""), ja.Takes(f)
		if takes == "" {
			continue
		}
		assert.Equal(t, regexp.MustCompile(`管理者）?に、「`).MatchString(steps), strings.Contains(takes, "管理者"), e.Code)
		if strings.Contains(steps, "JPKI暗証番号リセット") && e.Difficulty == "high" {
			assert.Contains(t, takes, "コンビニ", e.Code)
		}
	}
}

func TestUnknownLanguage(t *testing.T) {
	_, err := Load("fr")
	assert.Error(t, err)
	_, err = Load("../ja")
	assert.Error(t, err)
}

// Each text is found, at whichever end of the table it stands, and comes back as it was.
func TestTheTable(t *testing.T) {
	all := map[string]string{"a": "x", "a_b": "two\nlines", "ab": `a \n that is none`, "b": "", "zz": "最後"}
	c := &Catalog{table: string(Table(all))}
	for key, text := range all {
		assert.True(t, c.Has(key), key)
		assert.Equal(t, text, c.Raw(key), key)
	}
	for _, key := range []string{"", "0", "aa", "a\tx", "zzz"} {
		assert.False(t, c.Has(key), key)
		assert.Empty(t, c.Raw(key), key)
	}
	assert.Len(t, c.Keys(), len(all))
	assert.Empty(t, (&Catalog{}).Raw("a"))
	for _, language := range Languages {
		c, err := Load(language)
		require.NoError(t, err)
		for _, key := range c.Keys() {
			assert.True(t, c.Has(key), key)
		}
	}
}

package texts

import (
	"encoding/json"
	"os"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"etax-doctor/checks"
	"etax-doctor/checks/finding"
	"etax-doctor/extension"
)

func load(t *testing.T, language string) *Catalog {
	t.Helper()
	c, err := Load(language)
	require.NoError(t, err)
	return c
}

// The same cases are run by node, in testdata/extension/texts.test.mjs.
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

func TestEveryCodeHasItsTexts(t *testing.T) {
	for _, language := range Languages {
		c := load(t, language)
		for _, e := range finding.Codes() {
			assert.NotEmpty(t, c.Raw(Key(e.Code, "title")), "%s title of %s", language, e.Code)
			assert.NotEmpty(t, c.Raw(Key(e.Code, "detail")), "%s detail of %s", language, e.Code)
			if e.Difficulty != "" {
				assert.NotEmpty(t, c.Raw(Key(e.Code, "steps")), "%s steps of %s", language, e.Code)
				assert.NotEmpty(t, c.Takes(finding.Finding{Code: e.Code, Status: finding.Failure}), "%s: how long %s takes", language, e.Code)
			}
			assert.Equal(t, e.Difficulty == "high", c.Bring(finding.Finding{Code: e.Code, Status: finding.Failure}) != nil,
				"%s: what to bring for %s, and for what leads to an office alone", language, e.Code)
		}
		for _, l := range finding.Layers() {
			assert.NotEmpty(t, c.Layer(l), "%s name of layer %s", language, l)
		}
	}
}

// A code of the machine's side is spoken of by the host alone, any other by the extension too, which may be without a host.
func TestEachTextLiesOnOneSide(t *testing.T) {
	for _, language := range Languages {
		var own map[string]string
		data, err := locales.ReadFile("locales/" + language + ".json")
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(data, &own))
		var shared map[string]any
		data, err = extension.Data.ReadFile("_locales/" + language + "/messages.json")
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(data, &shared))
		for key := range own {
			assert.NotContains(t, shared, key, language)
		}
		for _, e := range finding.Codes() {
			key := Key(e.Code, "title")
			ours := slices.Contains(checks.Layers(), e.Layer) || e.Code == "verdict.part-fine" || onlyReported(e.Code)
			assert.Equal(t, ours, own[key] != "", "%s: %s lies on the wrong side", language, key)
		}
	}
}

// onlyReported is whether the host alone finds a symptom, in a person's words: the extension does not know it.
func onlyReported(code finding.Code) bool {
	data, err := extension.Data.ReadFile("catalog.json")
	return err == nil && !strings.Contains(string(data), `"`+string(code)+`"`)
}

func TestUnknownLanguage(t *testing.T) {
	_, err := Load("fr")
	assert.Error(t, err)
	_, err = Load("../ja")
	assert.Error(t, err)
}

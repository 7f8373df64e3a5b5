package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"etax-doctor/checks"
	"etax-doctor/checks/finding"
	hosttexts "etax-doctor/host/texts"
)

var root = os.DirFS("../..")

func TestGeneratedFilesAreCurrent(t *testing.T) {
	files, err := generate(root)
	require.NoError(t, err)
	for path, want := range files {
		have, err := os.ReadFile("../../" + path)
		require.NoError(t, err)
		assert.Equal(t, plain(t, path, want), plain(t, path, have), "run: go generate ./host")
	}
}

// plain is a file's text: another version of Go may compress it in another way.
func plain(t *testing.T, path string, data []byte) string {
	t.Helper()
	if !strings.HasSuffix(path, ".gz") {
		return string(data)
	}
	r, err := gzip.NewReader(bytes.NewReader(data))
	require.NoError(t, err)
	text, err := io.ReadAll(r)
	require.NoError(t, err)
	return string(text)
}

func codes(t *testing.T) []code {
	t.Helper()
	all, names, err := read(root)
	require.NoError(t, err)
	require.NotEmpty(t, all)
	for _, r := range checks.Rooms {
		for _, language := range hosttexts.Languages {
			assert.True(t, names[r.Layer][language] != "" || r.Layer == "account", "the name of layer %s", r.Layer)
		}
	}
	return all
}

func TestCodes(t *testing.T) {
	seen := map[finding.Code]bool{}
	for _, c := range codes(t) {
		assert.False(t, seen[c.Code], "%s stands twice", c.Code)
		seen[c.Code] = true
		assert.Contains(t, []string{"", "hardware", "authentication"}, c.Class, c.Code)
		assert.Contains(t, []string{"", "low", "medium", "high"}, c.Difficulty, c.Code)
		assert.Equal(t, c.Difficulty != "" || c.Layer == "", c.Takes != "" || c.Layer == "", "%s: what is difficult takes time", c.Code)
		assert.Equal(t, c.Difficulty == "high", c.Bring != "", "%s: who goes to an office brings something", c.Code)
		if strings.HasPrefix(string(c.Code), "symptom.") {
			assert.True(t, c.Args["errcode"].Is(finding.Name) && c.Args["errcode"].Optional(), "%s may be reported with its message", c.Code)
		}
		for name, kind := range c.Args {
			assert.True(t, slices.ContainsFunc([]finding.Kind{finding.Date, finding.Count, finding.Name, finding.Word}, kind.Is), "%s: %s is of kind %s", c.Code, name, kind)
		}
		for _, l := range c.Links {
			assert.Regexp(t, `^https://((www\.)?(e-tax\.nta|jpki|nta)\.go\.jp/|myna\.go\.jp/$|chromewebstore\.google\.com/detail/fjjibalalngebiaophebgkkohaaggphf$)`, l, "official pages only")
		}
	}
}

// A code that the machine's side judges is defined on the machine's side: its texts come from the host.
func TestEachCodeLiesOnItsSide(t *testing.T) {
	for _, c := range codes(t) {
		if slices.Contains(checks.Layers(), c.Layer) {
			assert.False(t, c.inExtension, c.Code)
		}
		if slices.Contains([]finding.Layer{"extension", "browser"}, c.Layer) {
			assert.True(t, c.inExtension, c.Code)
		}
	}
}

// A text may name only values that its finding has: otherwise the person would see a gap.
func TestTexts(t *testing.T) {
	for _, c := range codes(t) {
		for _, texts := range []texts{c.JA, c.EN} {
			for _, part := range []string{"title", "detail"} {
				assert.NotEmpty(t, texts[part], "%s of %s", part, c.Code)
			}
			if c.Difficulty != "" {
				assert.NotEmpty(t, texts["steps"], "steps of %s", c.Code)
			}
			for part, raw := range texts {
				assert.Regexp(t, `^(title|detail|steps)(_(linux|windows|win))?$`, part, c.Code)
				for _, m := range hosttexts.Placeholder.FindAllStringSubmatch(string(raw), -1) {
					_, declared := c.Args[m[1]]
					assert.True(t, declared || m[1] == "code", "{%s} in %s of %s", m[1], part, c.Code)
				}
				isList := strings.HasPrefix(string(raw), "[")
				assert.Equal(t, strings.HasPrefix(part, "steps"), isList, "%s of %s", part, c.Code)
			}
		}
		assert.ElementsMatch(t, keys(c.JA), keys(c.EN), "texts of %s", c.Code)
	}
}

func keys(m map[string]json.RawMessage) (list []string) {
	for k := range m {
		list = append(list, k)
	}
	return list
}

// Symptoms and causes name the same groups: a name that is misspelt on one side would explain nothing.
func TestGroups(t *testing.T) {
	named, explained, known := map[string]bool{}, map[string]bool{}, map[finding.Code]bool{}
	for _, c := range codes(t) {
		known[c.Code] = true
		symptom := strings.HasPrefix(string(c.Code), "symptom.")
		assert.True(t, symptom || c.Groups == nil, "%s is no symptom", c.Code)
		assert.False(t, symptom && c.Explains != nil, "%s is a symptom, and no cause", c.Code)
		assert.False(t, c.Explains != nil && c.Difficulty == "", "%s explains something, and is no fault", c.Code)
		for _, g := range c.Groups {
			named[g] = true
		}
		for _, g := range c.Explains {
			explained[g] = true
		}
	}
	assert.Equal(t, named, explained)
	for _, c := range codes(t) {
		for _, symptom := range c.WorseWith {
			assert.True(t, known[symptom] && strings.HasPrefix(string(symptom), "symptom."), "%s is worse with %s", c.Code, symptom)
		}
	}
}

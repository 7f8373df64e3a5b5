package texts_test

import (
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"etax-doctor/checks"
	"etax-doctor/checks/finding"
	"etax-doctor/checks/simulate"
	"etax-doctor/host/texts"
)

// A finding whose named values stand in the source: in Go, and in JavaScript.
var (
	inGo     = regexp.MustCompile(`finding\.New\("([a-z.-]+)", [\w.]+, finding\.Args\{([^}]*)\}`)
	inJS     = regexp.MustCompile(`catalog\.finding\(\s*"([a-z.-]+)",\s*[^,(){}]+(?:\([^)]*\))?[^,(){}]*,\s*\{([^}]*)\}`)
	nameInGo = regexp.MustCompile(`"(\w+)":`)
	nameInJS = regexp.MustCompile(`(?:^|,)\s*(\w+)\s*(?:[:,]|$)`)
)

// given collects the names of the values that each code is given: by simulated machines, and in the sources.
func given(t *testing.T) map[finding.Code][]string {
	all := map[finding.Code][]string{}
	for _, name := range simulate.Names() {
		m, _, _ := simulate.Machine(name, time.Now())
		for _, f := range checks.Run(t.Context(), m, checks.Options{}).Findings {
			for arg := range f.Args {
				all[f.Code] = append(all[f.Code], arg)
			}
		}
	}
	require.NoError(t, fs.WalkDir(os.DirFS("../.."), ".", func(path string, entry fs.DirEntry, err error) error {
		call, name := inGo, nameInGo
		switch {
		case err != nil || strings.HasPrefix(path, "node_modules"):
			return err
		case strings.HasPrefix(path, "checks/") && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go"):
		case strings.HasPrefix(path, "extension/") && strings.HasSuffix(path, ".js"):
			call, name = inJS, nameInJS
		default:
			return nil
		}
		source, err := os.ReadFile("../../" + path)
		for _, m := range call.FindAllStringSubmatch(string(source), -1) {
			for _, n := range name.FindAllStringSubmatch(m[2], -1) {
				all[finding.Code(m[1])] = append(all[finding.Code(m[1])], n[1])
			}
		}
		return err
	}))
	return all
}

// handed are the values that are handed over as a variable, where the source does not show their names beside the code.
var handed = map[finding.Code][]string{
	"certificate.not-yet-valid":       {"notBefore"},
	"policy.user-hosts-disabled":      {"policy", "browser"},
	"policy.native-messaging-blocked": {"policy", "browser"},
	"policy.extension-blocked":        {"policy", "browser"},
	"reader.driver-missing":           {"name"},
	"system.clock-wrong":              {"clock"},
	"host.forbidden":                  {"id"},
}

// No text names a value that its finding is not given: a person would read a hole.
func TestPlaceholdersAreGiven(t *testing.T) {
	all := given(t)
	for code, names := range handed {
		all[code] = append(all[code], names...)
	}
	for _, language := range texts.Languages {
		c, err := texts.Load(language)
		require.NoError(t, err)
		for _, e := range finding.Codes() {
			prefix := strings.TrimSuffix(texts.Key(e.Code, ""), "_") + "_"
			for _, key := range c.Keys() {
				rest, ok := strings.CutPrefix(key, prefix)
				if !ok || !slices.Contains([]string{"title", "detail", "steps"}, strings.SplitN(rest, "_", 2)[0]) {
					continue
				}
				for _, m := range texts.Placeholder.FindAllStringSubmatch(c.Raw(key), -1) {
					if e.ExplainedBy == nil && !strings.HasPrefix(string(e.Code), "symptom.") {
						assert.Contains(t, append(all[e.Code], "layer", "code"), m[1], "%s of %s", key, language)
					} else {
						assert.Equal(t, "errcode", m[1], "%s of %s: a symptom has the message alone", key, language)
					}
				}
			}
		}
	}
}

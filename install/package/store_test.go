//go:build linux

package main

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"etax-doctor/extension"
)

// The stores ask for a reason for each permission, and for the same texts as in the extension.
func TestTheStoreListing(t *testing.T) {
	data, err := extension.Files.ReadFile("manifest.json")
	require.NoError(t, err)
	var manifest map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(data, &manifest))
	var wanted []string
	for _, key := range []string{"permissions", "optional_permissions", "host_permissions", "optional_host_permissions"} {
		var list []string
		require.NoError(t, json.Unmarshal(manifest[key], &list))
		wanted = append(wanted, list...)
	}
	for language, heading := range map[string]string{"ja": "## 権限の理由", "en": "## Reasons for the permissions"} {
		listing, err := os.ReadFile("../../manifests/store/" + language + ".md")
		require.NoError(t, err)
		_, reasons, found := strings.Cut(string(listing), heading)
		require.True(t, found)
		reasons, _, _ = strings.Cut(reasons, "\n## ")
		var given []string
		for line := range strings.Lines(reasons) {
			if name, reason, ok := strings.Cut(strings.TrimPrefix(line, "- `"), "`: "); ok {
				given = append(given, name)
				assert.Greater(t, utf8.RuneCountInString(reason), 10, name)
			}
		}
		slices.Sort(given)
		slices.Sort(wanted)
		assert.Equal(t, wanted, given, language)
		var messages map[string]struct{ Message string }
		texts, err := extension.Files.ReadFile("_locales/" + language + "/messages.json")
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(texts, &messages))
		for _, key := range []string{"extension_name", "extension_description"} {
			assert.Contains(t, string(listing), messages[key].Message, "%s, %s", language, key)
		}
		assert.Less(t, len(listing), 16_000, "the stores' limit")
	}
}

package security

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"etax-doctor/checks/facts"
	"etax-doctor/checks/finding"
	"etax-doctor/checks/platform/platformtest"
)

// Each case is a machine described in JSON, so the test does not need that operating system.
func TestMachines(t *testing.T) {
	data, err := os.ReadFile("../../testdata/machines/security.json")
	require.NoError(t, err)
	var cases []struct {
		Name       string
		Machine    platformtest.Fixture
		Processes  []string
		Registered []string
		Want       []string
	}
	require.NoError(t, json.Unmarshal(data, &cases))
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			running := func() Running {
				return Running{Processes: c.Processes, Registered: c.Registered, Known: c.Registered != nil}
			}
			f := &facts.Facts{Security: Probe(t.Context(), c.Machine.Computer(), running)}
			var given []string
			named := false
			for _, x := range Judge(f) {
				assert.Contains(t, []finding.Status{finding.OK, finding.Info}, x.Status, "never more than information")
				switch x.Code {
				case "security.clear":
					given = append(given, "security.clear ok")
				case "security.registered":
					assert.Equal(t, strings.Join(c.Registered, "、"), x.Args["names"])
					named = true
				}
			}
			for _, p := range f.Security.Products {
				given = append(given, p.Name+" "+p.Found)
			}
			assert.Equal(t, c.Want, given)
			assert.Equal(t, c.Registered, f.Security.Registered)
			assert.Equal(t, len(c.Registered) > 0, named)
		})
	}
}

func TestTable(t *testing.T) {
	for _, p := range products() {
		assert.Contains(t, []string{"antivirus", "protected-browsing"}, p.Kind, p.Name)
		assert.Contains(t, []string{"high", "medium", "low"}, p.Confidence, p.Name)
		assert.NotEmpty(t, p.Source, p.Name)
		assert.NotEmpty(t, append(append(p.Services, p.Processes...), p.Installed...), p.Name)
	}
}

package report

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"etax-doctor/host/texts"
)

// The same cases are run by node, in extension/test/report.test.mjs.
func TestTextCases(t *testing.T) {
	data, err := os.ReadFile("../../testdata/reports/texts.json")
	require.NoError(t, err)
	var cases []struct {
		Name, Language string
		Report         Report
		Text           string
	}
	require.NoError(t, json.Unmarshal(data, &cases))
	require.NotEmpty(t, cases)
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			catalog, err := texts.Load(c.Language)
			require.NoError(t, err)
			assert.Equal(t, c.Text, c.Report.Text(catalog))
		})
	}
}

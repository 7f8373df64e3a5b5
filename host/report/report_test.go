package report

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"etax-doctor/host/texts"
	"etax-doctor/host/ways"
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
			if c.Report.Facts == nil { // the extension then has ways of its own, without a deadline
				c.Report.OtherWays = ways.Everything(catalog, time.Date(2027, 8, 1, 0, 0, 0, 0, time.UTC))
			}
			assert.Equal(t, c.Text, c.Report.Text(catalog))
		})
	}
}

package texts

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"etax-doctor/checks/finding"
)

func TestTheHandbookIsCurrent(t *testing.T) {
	page, err := os.ReadFile("../CODES.md")
	require.NoError(t, err)
	assert.Equal(t, Handbook(), string(page), "run: go generate ./host")
	for _, e := range finding.Codes() {
		assert.Contains(t, string(page), "### `"+string(e.Code)+"`")
	}
}

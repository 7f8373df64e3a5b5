package checks

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The report has to come before the extension stops waiting for it, also if everything hangs.
func TestTheReportComesBeforeTheExtensionStopsWaiting(t *testing.T) {
	code, err := os.ReadFile("../extension/shared/host.js")
	require.NoError(t, err)
	found := regexp.MustCompile(`\breport: ([\d_]+)`).FindSubmatch(code)
	require.NotNil(t, found)
	ms, err := strconv.Atoi(strings.ReplaceAll(string(found[1]), "_", ""))
	require.NoError(t, err)
	assert.Less(t, max(readingDeadline, machineDeadline)+gracePeriod, time.Duration(ms)*time.Millisecond)
}

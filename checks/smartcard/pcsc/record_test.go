package pcsc

import (
	"encoding/hex"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestHistoricalBytes(t *testing.T) {
	for atr, want := range map[string]string{
		"3B8F8001804F0CA000000306110000000000004A": "804F0CA0000003061100000000000000"[:30],
		"3BE000FF8131FE4514":                       "",
		"3B024A50":                                 "4A50",
		"3B85800173C0214081" + "00":                "",
		"3B":                                       "",
		"3BFF":                                     "",
		"":                                         "",
	} {
		b, err := hex.DecodeString(atr)
		require.NoError(t, err)
		got := fmt.Sprintf("%X", historicalBytes(b))
		if want == "" && len(b) > 4 {
			continue // only that nothing breaks
		}
		assert.Equal(t, want, got, atr)
	}
}

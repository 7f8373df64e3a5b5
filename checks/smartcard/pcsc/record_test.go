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
		"3B8F8001804F0CA000000306110000000000004A": "804F0CA00000030611000000000000",
		"3B85800173C021408157":                     "73C0214081",
		"3B024A50":                                 "4A50",
		"3BE000FF8131FE4514":                       "",
		"3B":                                       "",
		"3BFF":                                     "",
		"":                                         "",
	} {
		b, err := hex.DecodeString(atr)
		require.NoError(t, err)
		assert.Equal(t, want, fmt.Sprintf("%X", historicalBytes(b)), atr)
	}
}

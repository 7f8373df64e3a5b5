//go:build linux && cgo

package harness

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"etax-doctor/checks/smartcard/pcsctest"
	"etax-doctor/checks/smartcard/virtualcard"
)

const ReaderName = "SONY FeliCa RC-S300/P (1234567)"

// Insert starts pcscd with one reader and puts a card on it: a healthy one, as altered by change.
func Insert(t testing.TB, change func(*virtualcard.Profile)) *virtualcard.Card {
	t.Helper()
	d := pcsctest.Start(t, ReaderName)
	profile := virtualcard.Healthy(time.Now())
	if change != nil {
		change(&profile)
	}
	card := virtualcard.New(profile)
	d.Insert(t, 0, card)
	return card
}

// InsertUnless is Insert; with noCard it only starts pcscd with the reader, and returns nil.
func InsertUnless(t testing.TB, noCard bool, change func(*virtualcard.Profile)) *virtualcard.Card {
	t.Helper()
	if noCard {
		pcsctest.Start(t, ReaderName)
		return nil
	}
	return Insert(t, change)
}

func RequireNoPINData(t testing.TB, card *virtualcard.Card) {
	t.Helper()
	require.NotEmpty(t, card.Record())
	for _, cmd := range card.Record() {
		if len(cmd) > 1 && cmd[1] == 0x20 {
			require.Len(t, cmd, 4, "a VERIFY with data: % X", cmd)
		}
	}
}

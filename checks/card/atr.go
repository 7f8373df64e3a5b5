package card

import (
	"bytes"
	"encoding/hex"

	"etax-doctor/checks/facts"
)

// storagePrefix is the start of the ATR of a storage card (PC/SC part 3); the next byte is the card's standard, 0x11
// for FeliCa. licences are the ATRs of driving licences (pcsc-tools smartcard_list).
var (
	storagePrefix = unhex("3B8F8001804F0CA000000306")
	licences      = [][]byte{unhex("3B88800100000000 9181C100D8"), unhex("3BF59100FF918171FE4000420001B3C175")}
)

const felica = 0x11

func unhex(s string) []byte {
	b, err := hex.DecodeString(string(bytes.ReplaceAll([]byte(s), []byte(" "), nil)))
	if err != nil {
		panic(err)
	}
	return b
}

// kindOf guesses the kind of a card from its ATR. The guess is used only for a card that did not answer as a My Number
// card: an ATR never proves that a card is a My Number card.
func kindOf(atr []byte) facts.CardKind {
	if bytes.HasPrefix(atr, storagePrefix) && len(atr) > len(storagePrefix) && atr[len(storagePrefix)] == felica {
		return facts.KindTransitOrFeliCa
	}
	for _, l := range licences {
		if bytes.Equal(atr, l) {
			return facts.KindDrivingLicence
		}
	}
	return facts.KindUnknown
}

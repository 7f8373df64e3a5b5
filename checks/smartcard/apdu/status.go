package apdu

import "fmt"

// SW is the two-byte status word that ends every reply.
type SW uint16

// The status words that the product distinguishes (JICSAP 2.0, ISO 7816-4, and what public implementations report).
const (
	SWOK             SW = 0x9000
	SWEndOfFile      SW = 0x6282 // fewer bytes than asked for, and they are in the reply
	SWNotFound       SW = 0x6A82
	SWBlocked        SW = 0x6983 // authentication method blocked
	SWReferenceLock  SW = 0x6984 // JICSAP: the referenced internal EF is locked
	SWNoPreciseError SW = 0x6F00 // also seen once on the first command after power-up
)

// SW1 is the high byte.
func (sw SW) SW1() byte { return byte(sw >> 8) }

// SW2 is the low byte.
func (sw SW) SW2() byte { return byte(sw) }

// HasData reports whether a READ BINARY with this status word returned its data.
func (sw SW) HasData() bool { return sw == SWOK || sw == SWEndOfFile }

// Tries reports the retry counter of a 63Cx status word.
func (sw SW) Tries() (n int, ok bool) {
	if sw&0xFFF0 != 0x63C0 {
		return 0, false
	}
	return int(sw & 0x0F), true
}

func (sw SW) String() string { return fmt.Sprintf("%04X", uint16(sw)) }

// Response is a card's answer to one command: its data and its final status word.
type Response struct {
	Data []byte
	SW   SW
}

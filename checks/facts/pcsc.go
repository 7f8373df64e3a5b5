package facts

// PCSC is what PC/SC answered.
type PCSC struct {
	State   PCSCState  `json:"state"`
	Error   *PCSCError `json:"error,omitempty"`
	Readers []Reader   `json:"readers,omitempty"`
	// Devices are the card readers that the operating system sees, with or without a driver.
	Devices []Device `json:"devices,omitempty"`
}

// Device is a card reader as the operating system sees it.
type Device struct {
	USB  string `json:"usb"`            // vendor:product
	Name string `json:"name,omitempty"` // from the table of known readers
	// SmartCardClass is whether it presents itself as a standard reader (CCID), which needs no driver from its maker.
	SmartCardClass bool `json:"smartCardClass,omitempty"`
	// Problem is Windows' problem code, such as 28 (no driver), 10 (cannot start) or 22 (disabled); 0 for none.
	Problem uint32 `json:"problem,omitempty"`
}

// PCSCState says whether PC/SC can be used.
type PCSCState string

// The states of PC/SC.
const (
	PCSCReachable PCSCState = "reachable"  // it answered
	PCSCNoService PCSCState = "no-service" // its service is not there
	PCSCNotBuilt  PCSCState = "not-built"  // this program was built without it
	PCSCFailed    PCSCState = "failed"     // it failed in another way
)

// PCSCError is a PC/SC return code and the call that gave it.
type PCSCError struct {
	Call string `json:"call,omitempty"`
	Code string `json:"code"` // eight hexadecimal digits, e.g. 8010001D, or timed-out, or crashed
}

// Reader is one slot of one reader. Name has no serial number in it.
type Reader struct {
	Name  string       `json:"name"`
	State ReaderStates `json:"state"`
	Error *PCSCError   `json:"error,omitempty"`
	Card  *Card        `json:"card,omitempty"`
}

// ReaderStates are the state flags of SCardGetStatusChange.
type ReaderStates struct {
	Present     bool `json:"present,omitempty"`
	InUse       bool `json:"inUse,omitempty"`
	Exclusive   bool `json:"exclusive,omitempty"`
	Mute        bool `json:"mute,omitempty"`
	Unavailable bool `json:"unavailable,omitempty"`
}

// MyNumberCard returns the first card that answered as a My Number card, and its reader.
func (p *PCSC) MyNumberCard() (*Card, *Reader) {
	if p != nil {
		for i := range p.Readers {
			if c := p.Readers[i].Card; c != nil && c.Outcome == CardRead {
				return c, &p.Readers[i]
			}
		}
	}
	return nil, nil
}

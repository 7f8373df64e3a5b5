// Package virtualcard is a synthetic My Number card: the JPKI application with its token, certificates, both PINs
// and their counters. It behaves like a real card, not only as our program expects: VERIFY with data works and costs a
// try, so that other programs can be tested with it and a test can prove that ours never sends it. It records every
// APDU.
//
// Nothing in it comes from a real card. PINs: 1234 for login, ABC123 for signing.
package virtualcard

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"sync"
	"time"
)

// The PINs of every virtual card.
const (
	LoginPIN   = "1234"
	SigningPIN = "ABC123"
)

// Labels of the tokens that JPKI applications carry.
const (
	LabelMyNumber         = "JPKIAPICCTOKEN2"
	LabelResidentRegister = "JPKIAPICCTOKEN"
	LabelAndroid          = "JPKIAPGPSETOKEN"
	LabelIPhone           = "JPKIAPIOSTOKEN"
)

// ContactATR is the ATR of a My Number card in a contact reader (OpenSC card-jpki.c).
var ContactATR = []byte{0x3B, 0xE0, 0x00, 0xFF, 0x81, 0x31, 0xFE, 0x45, 0x14}

// Profile describes a card. Start from Healthy, because New sets no defaults.
type Profile struct {
	ATR          []byte
	Label        string
	Issuance     Issuance
	LoginTries   int // tries left; 0 means locked
	SigningTries int
	// LockedSW is what a locked PIN answers to the empty VERIFY: 63C0, 6983 or 6984.
	LockedSW uint16
	// LoginVerified makes the card behave as if another program had verified the login PIN.
	LoginVerified bool
	NoLogin       bool // no login certificate on the card
	NoSigning     bool // no signing certificate on the card (a child under 15)
	// SelectSW is the answer to the SELECT of the JPKI application if the card does not have it; 0 if it has it.
	SelectSW uint16
	// FirstSW is the answer to the first command after power-up; one surveyed card gives 6F00. 0 means none.
	FirstSW   uint16
	RefuseSFI bool // refuse the short-identifier forms of READ BINARY and VERIFY
	// RefuseKeyReference refuses the VERIFY that names its key directly; RefuseSFI does too.
	RefuseKeyReference bool
	RefuseExtended     bool // refuse extended Le with 6700
	Filler             int  // bytes after the certificate in its file
	// GetResponse makes the card hold back replies of more than 128 bytes: 61xx, then GET RESPONSE.
	GetResponse bool
	// ExactLength makes the card answer 6Cxx to a read of more bytes than there are.
	ExactLength bool
	// Delay is how long each APDU takes over vpcd; a contactless card takes 10 to 20 ms.
	Delay time.Duration
	// SFIKeepsCurrent makes a read by short identifier leave the current file as it was.
	SFIKeepsCurrent bool
	// TakenOffAt takes the card off the vpcd reader after this many APDUs; 0 means never.
	TakenOffAt int
	// Certificate replaces the login certificate's file, for garbage and truncated ones.
	Certificate []byte
}

// Healthy returns the profile of a card that has no fault at the given time.
func Healthy(now time.Time) Profile {
	jst := time.FixedZone("JST", 9*60*60)
	year, month, day := now.In(jst).Date()
	return Profile{
		ATR: ContactATR, Label: LabelMyNumber, LoginTries: 3, SigningTries: 5, LockedSW: 0x63C0,
		Issuance: Issuance{
			NotBefore:    time.Date(year-2, month, 1, 10, 0, 0, 0, jst),
			NotAfter:     time.Date(year+3, month, day, 23, 59, 59, 0, jst),
			Organization: "JPKI", CAKeyID: CA2019,
		},
	}
}

// Card is safe for use by several goroutines; commands are handled one at a time.
type Card struct {
	mu       sync.Mutex
	profile  Profile
	files    map[uint16][]byte
	selected bool
	current  uint16
	fresh    bool
	login    pin
	signing  pin
	record   [][]byte
	pending  []byte // held back for GET RESPONSE
	resets   int
	at       int // APDUs left until then is called
	then     func()
}

type pin struct {
	secret   string
	tries    int
	maximum  int
	verified bool
}

// New makes a card. Its certificates are signed with keys made once per process.
func New(p Profile) *Card {
	c := &Card{profile: p, fresh: true,
		login:   pin{secret: LoginPIN, tries: p.LoginTries, maximum: 3, verified: p.LoginVerified},
		signing: pin{secret: SigningPIN, tries: p.SigningTries, maximum: 5}}
	token := append([]byte(p.Label), bytes.Repeat([]byte{' '}, 160-len(p.Label))...)
	availability := []byte{0x8F, 0x8F, 0x00}
	c.files = map[uint16][]byte{0x0006: token, 0x0008: availability, 0x0017: nil, 0x0018: nil, 0x001A: nil, 0x001B: nil}
	if p.SelectSW == 0 {
		c.files[0x0002] = issueCA(p.Issuance, signingUnit)
		c.files[0x000B] = issueCA(p.Issuance, loginUnit)
		if p.NoSigning {
			availability[0] = 0
		} else {
			c.files[0x0001] = issueSigning(p.Issuance)
		}
		switch {
		case p.NoLogin:
			availability[1] = 0
		case p.Certificate != nil:
			c.files[0x000A] = p.Certificate
		default:
			c.files[0x000A] = append(issueLogin(p.Issuance), bytes.Repeat([]byte{0xFF}, p.Filler)...)
		}
	}
	return c
}

// File returns a copy of an EF's content, for tests that need to know what is on the card.
func (c *Card) File(id uint16) []byte { return bytes.Clone(c.files[id]) }

// ATR is the answer to reset.
func (c *Card) ATR() []byte { return bytes.Clone(c.profile.ATR) }

// PowerUp is what a reader does when a card is put on it: everything is forgotten, verified PINs included.
func (c *Card) PowerUp() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.selected, c.current, c.fresh = false, 0, true
	c.login.verified, c.signing.verified = c.profile.LoginVerified, false
}

// Reset is a warm reset: the selection is lost, a verified PIN is not.
func (c *Card) Reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.selected, c.current = false, 0
	c.resets++
}

// Resets returns the number of warm resets; tests check that our program causes none.
func (c *Card) Resets() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.resets
}

// Record returns every APDU the card has received, in order.
func (c *Card) Record() [][]byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([][]byte(nil), c.record...)
}

// Current returns the current EF, or 0 if there is none.
func (c *Card) Current() uint16 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.current
}

// At makes the card call then, once, while it works on the nth APDU from now; n = 0 cancels that. then must not use the
// card.
func (c *Card) At(n int, then func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at, c.then = n, then
}

// Tries returns the tries left for both PINs.
func (c *Card) Tries() (login, signing int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.login.tries, c.signing.tries
}

// Transmit answers one command APDU with data and status word.
func (c *Card) Transmit(cmd []byte) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.record = append(c.record, bytes.Clone(cmd))
	if c.at--; c.at == 0 {
		c.then()
	}
	data, sw := c.answer(cmd)
	if c.profile.GetResponse {
		data, sw = c.holdBack(data, sw)
	}
	return append(bytes.Clone(data), byte(sw>>8), byte(sw))
}

// holdBack returns the first bytes of a long reply, and 61xx to say that more can be fetched.
func (c *Card) holdBack(data []byte, sw uint16) ([]byte, uint16) {
	const atOnce = 128
	if sw != 0x9000 || len(data) <= atOnce {
		return data, sw
	}
	c.pending = bytes.Clone(data[atOnce:])
	return data[:atOnce], 0x6100 | uint16(min(len(c.pending), 0xFF))
}

func (c *Card) answer(cmd []byte) ([]byte, uint16) {
	if c.fresh && c.profile.FirstSW != 0 {
		c.fresh = false
		return nil, c.profile.FirstSW
	}
	c.fresh = false
	if len(cmd) < 4 {
		return nil, 0x6700
	}
	switch {
	case cmd[0] == 0x00 && cmd[1] == 0xA4:
		return nil, c.selectFile(cmd)
	case !c.selected:
		return nil, 0x6D00
	case cmd[0] == 0x00 && cmd[1] == 0xC0 && c.pending != nil:
		data := c.pending
		c.pending = nil
		return data, 0x9000
	case cmd[0] == 0x00 && cmd[1] == 0xB0:
		return c.readBinary(cmd)
	case cmd[0] == 0x00 && cmd[1] == 0x20:
		return nil, c.verify(cmd)
	case cmd[0] == 0x80 && cmd[1] == 0x2A:
		return c.computeSignature(cmd)
	}
	return nil, 0x6D00
}

var jpkiAID = []byte{0xD3, 0x92, 0xF0, 0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01}

func (c *Card) selectFile(cmd []byte) uint16 {
	var body []byte
	if len(cmd) > 5 && len(cmd) >= 5+int(cmd[4]) {
		body = cmd[5 : 5+int(cmd[4])]
	}
	switch cmd[2] {
	case 0x04:
		if c.profile.SelectSW != 0 {
			return c.profile.SelectSW
		}
		if !bytes.Equal(body, jpkiAID) {
			return 0x6A82
		}
		c.selected, c.current = true, 0
		return 0x9000
	case 0x02:
		if !c.selected || len(body) != 2 {
			return 0x6A86
		}
		id := uint16(body[0])<<8 | uint16(body[1])
		if _, there := c.files[id]; !there {
			return 0x6A82
		}
		c.current = id
		return 0x9000
	}
	// SELECT MF does nothing on this card: 6A86 straight after reset, 9000 with an application selected.
	if c.selected && len(body) == 0 {
		return 0x9000
	}
	if len(body) > 0 {
		return 0x6A82
	}
	return 0x6A86
}

func (c *Card) readBinary(cmd []byte) ([]byte, uint16) {
	le, extended, ok := expectedLength(cmd)
	if !ok || (extended && c.profile.RefuseExtended) {
		return nil, 0x6700
	}
	offset := int(cmd[2])<<8 | int(cmd[3])
	if cmd[2]&0x80 != 0 {
		if c.profile.RefuseSFI {
			return nil, 0x6A86
		}
		id := uint16(cmd[2] & 0x1F)
		if _, there := c.files[id]; !there {
			return nil, 0x6A82
		}
		if c.profile.SFIKeepsCurrent {
			return c.slice(id, int(cmd[3]), le)
		}
		c.current, offset = id, int(cmd[3])
	}
	if c.current == 0 {
		return nil, 0x6986
	}
	return c.slice(c.current, offset, le)
}

// slice returns a part of a file, if the file may be read.
func (c *Card) slice(id uint16, offset, le int) ([]byte, uint16) {
	file := c.files[id]
	switch {
	case id == 0x0001 && !c.signing.verified:
		return nil, 0x6982
	case id == 0x000A && c.profile.Label == LabelAndroid && !c.login.verified:
		return nil, 0x6982
	case file == nil:
		return nil, 0x6981
	case offset > len(file):
		return nil, 0x6B00
	}
	if rest := len(file) - offset; c.profile.ExactLength && le > rest && rest < 256 {
		return nil, 0x6C00 | uint16(rest)
	}
	return file[offset:min(offset+le, len(file))], 0x9000
}

func expectedLength(cmd []byte) (le int, extended, ok bool) {
	switch len(cmd) {
	case 5:
		if le = int(cmd[4]); le == 0 {
			le = 256
		}
		return le, false, true
	case 7:
		if le = int(cmd[5])<<8 | int(cmd[6]); le == 0 {
			le = 65536
		}
		return le, true, cmd[4] == 0
	}
	return 0, false, false
}

// verify handles both forms: P2 names the key directly, or 80 means the current PIN file.
func (c *Card) verify(cmd []byte) uint16 {
	p := c.pinFor(cmd[3])
	if p == nil {
		return 0x6A88
	}
	if len(cmd) == 4 || (len(cmd) == 5 && cmd[4] == 0) {
		switch {
		case p.verified:
			return 0x9000
		case p.tries == 0:
			return c.profile.LockedSW
		}
		return 0x63C0 | uint16(p.tries)
	}
	if len(cmd) < 6 || len(cmd) < 5+int(cmd[4]) {
		return 0x6700
	}
	if p.tries == 0 {
		return 0x6984
	}
	if string(cmd[5:5+int(cmd[4])]) != p.secret {
		p.tries--
		p.verified = false
		return 0x63C0 | uint16(p.tries)
	}
	p.tries, p.verified = p.maximum, true
	return 0x9000
}

func (c *Card) pinFor(p2 byte) *pin {
	id := c.current
	if p2 != 0x80 {
		if c.profile.RefuseSFI || c.profile.RefuseKeyReference || p2&0x80 == 0 {
			return nil
		}
		id = uint16(p2 & 0x1F)
	}
	switch id {
	case 0x0018:
		return &c.login
	case 0x001B:
		return &c.signing
	}
	return nil
}

// computeSignature signs a DigestInfo with the key that P2 names or that is selected.
func (c *Card) computeSignature(cmd []byte) ([]byte, uint16) {
	id := c.current
	if cmd[3] != 0x80 {
		id = uint16(cmd[3] & 0x1F)
	}
	key, p := keys().login, &c.login
	switch id {
	case 0x0017:
	case 0x001A:
		key, p = keys().signing, &c.signing
	default:
		return nil, 0x6A88
	}
	if !p.verified {
		return nil, 0x6982
	}
	if len(cmd) < 6 || len(cmd) < 5+int(cmd[4]) {
		return nil, 0x6700
	}
	signature, err := rsa.SignPKCS1v15(nil, key, crypto.Hash(0), cmd[5:5+int(cmd[4])])
	if err != nil {
		return nil, 0x6700
	}
	return signature, 0x9000
}

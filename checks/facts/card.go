package facts

import (
	"encoding/json"
	"time"
)

// Card is what one card answered.
type Card struct {
	Outcome CardOutcome `json:"outcome"`
	// Reason is technical and never personal: a PC/SC code, a status word, a step.
	Reason string `json:"reason,omitempty"`
	// Kind is the kind of a card that is not a My Number card, as far as its ATR or its token label shows it.
	Kind         CardKind      `json:"kind,omitempty"`
	Token        Token         `json:"token,omitempty"`
	Availability *Availability `json:"availability,omitempty"`
	LoginPIN     *Counter      `json:"loginPin,omitempty"`
	SigningPIN   *Counter      `json:"signingPin,omitempty"`
	Certificate  *Certificate  `json:"certificate,omitempty"`
	// Extended is the result of the extended-length read, if it was tried.
	Extended Extended `json:"extended,omitempty"`
	APDUs    int      `json:"apdus"`
}

// Extended is the result of an extended-length command.
type Extended string

// The fates of an extended-length read.
const (
	ExtendedUsed    Extended = "used"    // the card answered it
	ExtendedRefused Extended = "refused" // the card did not accept it
	ExtendedFailed  Extended = "failed"  // the connection broke or hung; a read without it worked, where one was made
	ExtendedUnclear Extended = "unclear" // the connection broke, and a read without it failed too
)

// CardOutcome is the result of reading a card.
type CardOutcome string

// The outcomes.
const (
	CardRead          CardOutcome = "read"             // it answered as a My Number card; it alone has counters and a certificate
	CardNotMyNumber   CardOutcome = "not-my-number"    // it answered as another card
	CardPhone         CardOutcome = "phone"            // a phone's own certificates were read
	CardUnknownToken  CardOutcome = "unknown-token"    // a JPKI card with a label that is not known
	CardHeldExclusive CardOutcome = "held-exclusive"   // another program has connected in exclusive mode
	CardHeldByOther   CardOutcome = "held-transaction" // another program holds a transaction
	CardHeldByUs      CardOutcome = "held-by-us"       // another process of this program is reading
	CardLeftAlone     CardOutcome = "left-alone"       // another program is connected, and no person asked for this check
	CardMute          CardOutcome = "mute"             // it does not answer the reader
	CardRemoved       CardOutcome = "removed"          // it was taken off
	CardUnreadable    CardOutcome = "unreadable"       // the communication failed, or its content is not valid
	ReaderGone        CardOutcome = "reader-gone"      // its reader was unplugged
)

// CardKind is the kind of a card that people mistake for a My Number card.
type CardKind string

// The kinds of other cards that can be recognised; most cannot.
const (
	KindTransitOrFeliCa  CardKind = "transit-or-felica" // a transit card or another FeliCa card
	KindDrivingLicence   CardKind = "driving-licence"   // 運転免許証
	KindResidentRegister CardKind = "resident-register" // 住民基本台帳カード
	KindUnknown          CardKind = "unknown"           // any other card
)

// Token is the meaning of the JPKI token label.
type Token string

// The labels known to the product, and the two cases without a known label.
const (
	TokenMyNumber         Token = "my-number"         // マイナンバーカード
	TokenResidentRegister Token = "resident-register" // 住民基本台帳カード
	TokenAndroid          Token = "android"           // an Android phone
	TokenIPhone           Token = "iphone"            // an iPhone
	TokenOther            Token = "other"             // a label that is not known
	TokenUnread           Token = "unread"            // the label was not read
)

// Availability is EF 0008: which certificates the card carries.
type Availability struct {
	Signing bool `json:"signing"`
	Login   bool `json:"login"`
}

// Counter is the answer to VERIFY with an empty body.
type Counter struct {
	State CounterState `json:"state"`
	Tries int          `json:"tries,omitempty"` // tries left, if State is CounterTries
	SW    string       `json:"sw,omitempty"`
}

// CounterState is what the answer means.
type CounterState string

// The states of a counter.
const (
	CounterTries    CounterState = "tries"    // Tries says how many are left
	CounterLocked   CounterState = "locked"   // no try is left
	CounterVerified CounterState = "verified" // another program has verified the PIN
	CounterUnknown  CounterState = "unknown"  // the card gave no usable answer
)

// Certificate is everything about the login certificate (利用者証明用電子証明書) that leaves package jpki. A certificate
// ends on the holder's birthday, so a record never contains its dates, only its validity and the years.
type Certificate struct {
	State     CertificateState `json:"state"`
	Reason    string           `json:"reason,omitempty"`
	NotBefore time.Time        `json:"-"`
	NotAfter  time.Time        `json:"-"`
	// Validity is the result of comparing the dates with the time when the facts were collected.
	Validity      Validity `json:"validity,omitempty"`
	NotBeforeYear int      `json:"notBeforeYear,omitempty"` // in Japan's time zone
	NotAfterYear  int      `json:"notAfterYear,omitempty"`
	KeyType       string   `json:"keyType,omitempty"` // RSA, ECDSA, other
	KeyBits       int      `json:"keyBits,omitempty"`
	// CAGeneration is the year the issuing CA began (2015, 2019, 2023), matched by key identifier; empty when unknown.
	CAGeneration string `json:"caGeneration,omitempty"`
	PolicyOID    string `json:"policyOid,omitempty"`
	Test         bool   `json:"test,omitempty"` // issued by the JPKI test hierarchy
	// Chain is filled by the deep check.
	Chain *Chain `json:"chain,omitempty"`
}

// UnmarshalJSON also reads the dates that records of version 1 contain.
func (c *Certificate) UnmarshalJSON(data []byte) error {
	type plain Certificate
	record := struct {
		*plain
		NotBefore time.Time `json:"notBefore"`
		NotAfter  time.Time `json:"notAfter"`
	}{plain: (*plain)(c)}
	if err := json.Unmarshal(data, &record); err != nil {
		return err
	}
	c.NotBefore, c.NotAfter = record.NotBefore, record.NotAfter
	return nil
}

// Validity says where a time lies relative to a certificate's validity period.
type Validity string

// The parts of a validity, in time.
const (
	NotYetValid  Validity = "not-yet-valid" // before the first day
	RenewedToday Validity = "renewed-today" // on the first day, when e-Tax does not accept it yet
	Valid        Validity = "valid"         // after that
	ExpiresSoon  Validity = "expires-soon"  // in the last three months
	Expired      Validity = "expired"       // after the end
)

// Chain is what the deep check found about the CA certificate on the card.
type Chain struct {
	CAUnread bool `json:"caUnread,omitempty"` // there was no CA certificate to read, so nothing is known
	KnownCA  bool `json:"knownCa"`            // it is one of the published CAs, by its SHA-256
	Signed   bool `json:"signed"`             // it has signed the login certificate
}

// Genuine reports whether a published CA of the JPKI has signed the login certificate.
func (c *Chain) Genuine() bool { return c.KnownCA && c.Signed }

// CertificateState says whether there was a certificate to read.
type CertificateState string

// The states of a certificate.
const (
	CertificateRead       CertificateState = "read"       // it was read
	CertificateMissing    CertificateState = "missing"    // the card says that it has none
	CertificateUnreadable CertificateState = "unreadable" // what was read is no certificate
)

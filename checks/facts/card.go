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

// Used: the card answered it. Refused: the card did not accept it. Failed: the command broke the connection and a read
// without it worked, or it hung. Unclear: the command broke the connection, and a read without it failed too.
const (
	ExtendedUsed    Extended = "used"
	ExtendedRefused Extended = "refused"
	ExtendedFailed  Extended = "failed"
	ExtendedUnclear Extended = "unclear"
)

// CardOutcome is the result of reading a card.
type CardOutcome string

// The outcomes. Only CardRead comes with counters and a certificate. CardHeldByUs: another process of this program is
// reading. CardLeftAlone: another program is connected to the card, and no person asked for this check.
const (
	CardRead          CardOutcome = "read"
	CardNotMyNumber   CardOutcome = "not-my-number"
	CardPhone         CardOutcome = "phone"
	CardUnknownToken  CardOutcome = "unknown-token"
	CardHeldExclusive CardOutcome = "held-exclusive"
	CardHeldByOther   CardOutcome = "held-transaction"
	CardHeldByUs      CardOutcome = "held-by-us"
	CardLeftAlone     CardOutcome = "left-alone"
	CardMute          CardOutcome = "mute"
	CardRemoved       CardOutcome = "removed"
	CardUnreadable    CardOutcome = "unreadable"
	ReaderGone        CardOutcome = "reader-gone"
)

// CardKind is the kind of a card that people mistake for a My Number card.
type CardKind string

// The kinds of other cards that can be recognised; most cannot.
const (
	KindTransitOrFeliCa  CardKind = "transit-or-felica"
	KindDrivingLicence   CardKind = "driving-licence"
	KindResidentRegister CardKind = "resident-register"
	KindUnknown          CardKind = "unknown"
)

// Token is the meaning of the JPKI token label.
type Token string

// The labels known to the product, and the two cases without a known label.
const (
	TokenMyNumber         Token = "my-number"
	TokenResidentRegister Token = "resident-register"
	TokenAndroid          Token = "android"
	TokenIPhone           Token = "iphone"
	TokenOther            Token = "other"
	TokenUnread           Token = "unread"
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

// Tries are left; the PIN is locked; another program has already verified it; the card gave no usable answer.
const (
	CounterTries    CounterState = "tries"
	CounterLocked   CounterState = "locked"
	CounterVerified CounterState = "verified"
	CounterUnknown  CounterState = "unknown"
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

// Before the first day, on the first day (when e-Tax does not accept it yet), after that, in the last three months, and
// after the end.
const (
	NotYetValid  Validity = "not-yet-valid"
	RenewedToday Validity = "renewed-today"
	Valid        Validity = "valid"
	ExpiresSoon  Validity = "expires-soon"
	Expired      Validity = "expired"
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

// The certificate was read; the card says it carries none; what was read is not a certificate.
const (
	CertificateRead       CertificateState = "read"
	CertificateMissing    CertificateState = "missing"
	CertificateUnreadable CertificateState = "unreadable"
)

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
	// Kind is a guess at what another card is, as far as its ATR allows.
	Kind         CardKind      `json:"kind,omitempty"`
	Token        Token         `json:"token,omitempty"`
	Availability *Availability `json:"availability,omitempty"`
	LoginPIN     *Counter      `json:"loginPin,omitempty"`
	SigningPIN   *Counter      `json:"signingPin,omitempty"`
	Certificate  *Certificate  `json:"certificate,omitempty"`
	// Extended says what became of the extended-length read, where it was tried.
	Extended Extended `json:"extended,omitempty"`
	APDUs    int      `json:"apdus"`
}

// Extended is the fate of an extended-length command.
type Extended string

// The card answered it; the card did not take it; the connection broke over it, and a read without it worked; or the
// connection broke over it, and so did the read without.
const (
	ExtendedUsed    Extended = "used"
	ExtendedRefused Extended = "refused"
	ExtendedFailed  Extended = "failed"
	ExtendedUnclear Extended = "unclear"
)

// CardOutcome is how far the reading came.
type CardOutcome string

// The outcomes. Only CardRead carries token, counters and certificate. CardHeldByUs means that another run of this
// program is reading; CardLeftAlone, that another program is connected to the card and nobody has asked for this look.
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

// CardKind tells apart the cards people mistake for a My Number card.
type CardKind string

// The kinds of other cards that can be told apart; most cannot.
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
	Tries int          `json:"tries,omitempty"` // left, when State is tries
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

// Certificate is all that leaves the jpki package of the login certificate (利用者証明用電子証明書). It ends on a
// birthday, so its days never leave the process in a record: what is kept of them is the validity and the years.
type Certificate struct {
	State     CertificateState `json:"state"`
	Reason    string           `json:"reason,omitempty"`
	NotBefore time.Time        `json:"-"`
	NotAfter  time.Time        `json:"-"`
	// Validity is what the days meant when the facts were collected.
	Validity      Validity `json:"validity,omitempty"`
	NotBeforeYear int      `json:"notBeforeYear,omitempty"` // in Japan
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

// UnmarshalJSON reads the days too that records of the first version hold.
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

// Validity is where a moment lies in a certificate's validity.
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

// Chain is what the deep check found of the CA certificate on the card.
type Chain struct {
	CAUnread bool `json:"caUnread,omitempty"` // there was no CA certificate to read, so nothing is known
	KnownCA  bool `json:"knownCa"`            // it is one of the published CAs, by its SHA-256
	Signed   bool `json:"signed"`             // it has signed the login certificate
}

// Genuine reports whether the login certificate is one of the public JPKI.
func (c *Chain) Genuine() bool { return c.KnownCA && c.Signed }

// CertificateState says whether there was a certificate to read.
type CertificateState string

// The certificate was read; the card says it carries none; what was read is not a certificate.
const (
	CertificateRead       CertificateState = "read"
	CertificateMissing    CertificateState = "missing"
	CertificateUnreadable CertificateState = "unreadable"
)

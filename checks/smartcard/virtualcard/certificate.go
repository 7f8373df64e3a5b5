package virtualcard

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"math/big"
	"sync"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Key identifiers of the three published CAs for user authentication. They are public, and the product recognises a CA
// generation only by them. The signatures are made with keys of this process, so no other program accepts these
// certificates as real.
const (
	CA2015 = "9567951B5CA70D84A0FFF1D85A87F1AAB1340385"
	CA2019 = "8CD5586A891485E559379B7E29D410CFD28B3593"
	CA2023 = "1AC100F596A3BC8C4B3DF195E32699249E9E308A"
	CANone = "00112233445566778899AABBCCDDEEFF00112233"
)

// Issuance says which certificates to make.
type Issuance struct {
	NotBefore, NotAfter time.Time
	Organization        string // issuer's O: JPKI, or JPKI-TEST for a test card
	CAKeyID             string // hexadecimal key identifier of the issuing CA
	P384                bool   // the key type announced for the next generation of cards
}

var keys = sync.OnceValue(func() (k struct {
	ca, login, signing *rsa.PrivateKey
	p384               *ecdsa.PrivateKey
}) {
	var wg sync.WaitGroup
	for _, to := range []**rsa.PrivateKey{&k.ca, &k.login, &k.signing} {
		wg.Go(func() { *to = must(rsa.GenerateKey(rand.Reader, 2048)) })
	}
	k.p384 = must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader))
	wg.Wait()
	return k
})

func must[T any](v T, err error) T {
	if err != nil {
		panic(err) // only with invalid input or without randomness
	}
	return v
}

// The synthetic holder and place. The names have the lengths that give a certificate its usual 1572 bytes.
const (
	holder     = "000000EMULATE999990001A"
	prefecture = "Mihon-ken"
	city       = "Mihon-shi CRLDP"
)

type attribute struct {
	oid   asn1.ObjectIdentifier
	value string
}

var (
	oidC  = asn1.ObjectIdentifier{2, 5, 4, 6}
	oidO  = asn1.ObjectIdentifier{2, 5, 4, 10}
	oidOU = asn1.ObjectIdentifier{2, 5, 4, 11}
	oidCN = asn1.ObjectIdentifier{2, 5, 4, 3}
)

// name encodes a DN with one attribute per RDN, C as PrintableString and the rest as UTF8String, as JPKI does.
// pkix.Name would write ASCII as PrintableString.
func name(attributes ...attribute) []byte {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		for _, a := range attributes {
			b.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) {
				b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
					b.AddASN1ObjectIdentifier(a.oid)
					tag := cbasn1.UTF8String
					if a.oid.Equal(oidC) {
						tag = cbasn1.PrintableString
					}
					b.AddASN1(tag, func(b *cryptobyte.Builder) { b.AddBytes([]byte(a.value)) })
				})
			})
		}
	})
	return b.BytesOrPanic()
}

func caName(organization, unit string) []byte {
	return name(attribute{oidC, "JP"}, attribute{oidO, organization}, attribute{oidOU, unit},
		attribute{oidOU, "Japan Agency for Local Authority Information Systems"})
}

const (
	loginUnit   = "JPKI for user authentication"
	signingUnit = "JPKI for digital signature"
)

func japaneseName() []byte {
	return name(attribute{oidC, "JP"}, attribute{oidO, "公的個人認証サービス"},
		attribute{oidOU, "公的個人認証サービス利用者証明用"}, attribute{oidOU, "地方公共団体情報システム機構"})
}

// directoryName wraps a DN as GeneralNames with one directoryName.
func directoryName(dn []byte) []byte {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(contextTag(4), func(b *cryptobyte.Builder) { b.AddBytes(dn) })
	})
	return b.BytesOrPanic()
}

func contextTag(n uint8) cbasn1.Tag { return cbasn1.Tag(n).ContextSpecific().Constructed() }

func distributionPoint(dn []byte) []byte {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1(contextTag(0), func(b *cryptobyte.Builder) {
				b.AddASN1(contextTag(0), func(b *cryptobyte.Builder) {
					b.AddASN1(contextTag(4), func(b *cryptobyte.Builder) { b.AddBytes(dn) })
				})
			})
		})
	})
	return b.BytesOrPanic()
}

func policies(oid asn1.ObjectIdentifier) []byte {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(oid)
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
					b.AddASN1ObjectIdentifier(asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 2, 1})
					b.AddASN1(cbasn1.IA5String, func(b *cryptobyte.Builder) { b.AddBytes([]byte("http://www.jpki.go.jp/cps.html")) })
				})
			})
		})
	})
	return b.BytesOrPanic()
}

func ocsp() []byte {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1})
			b.AddASN1(cbasn1.Tag(6).ContextSpecific(), func(b *cryptobyte.Builder) {
				b.AddBytes([]byte("http://ocspauthnorm.jpki.go.jp"))
			})
		})
	})
	return b.BytesOrPanic()
}

func authorityKey(keyID, issuer []byte, serial *big.Int) []byte {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.Tag(0).ContextSpecific(), func(b *cryptobyte.Builder) { b.AddBytes(keyID) })
		b.AddASN1(contextTag(1), func(b *cryptobyte.Builder) {
			b.AddASN1(contextTag(4), func(b *cryptobyte.Builder) { b.AddBytes(issuer) })
		})
		b.AddASN1(cbasn1.Tag(2).ContextSpecific(), func(b *cryptobyte.Builder) { b.AddBytes(serial.Bytes()) })
	})
	return b.BytesOrPanic()
}

func octets(data []byte) []byte { return must(asn1.Marshal(data)) }

func extension(critical bool, value []byte, oid ...int) pkix.Extension {
	return pkix.Extension{Id: oid, Critical: critical, Value: value}
}

var (
	caSerial    = big.NewInt(0x0133C349)
	loginSerial = big.NewInt(0x07654321)
)

// issueLogin makes the login certificate (利用者証明用) with the field order and sizes of a real one.
func issueLogin(i Issuance) []byte {
	issuer := caName(i.Organization, loginUnit)
	caKeyID := must(hex.DecodeString(i.CAKeyID))
	var public crypto.PublicKey = keys().login.Public()
	if i.P384 {
		public = keys().p384.Public()
	}
	return sign(&x509.Certificate{
		SerialNumber: loginSerial, NotBefore: i.NotBefore, NotAfter: i.NotAfter,
		RawSubject: name(attribute{oidC, "JP"}, attribute{oidCN, holder}),
		ExtraExtensions: []pkix.Extension{
			extension(true, []byte{0x03, 0x02, 0x07, 0x80}, 2, 5, 29, 15),
			extension(false, must(asn1.Marshal([]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 2}})), 2, 5, 29, 37),
			extension(true, policies(asn1.ObjectIdentifier{1, 2, 392, 200149, 8, 5, 1, 3, 30}), 2, 5, 29, 32),
			extension(false, directoryName(japaneseName()), 2, 5, 29, 18),
			extension(false, distributionPoint(name(attribute{oidC, "JP"}, attribute{oidO, i.Organization}, attribute{oidOU, loginUnit},
				attribute{oidOU, "CRL Distribution Points"}, attribute{oidOU, prefecture}, attribute{oidCN, city})), 2, 5, 29, 31),
			extension(false, ocsp(), 1, 3, 6, 1, 5, 5, 7, 1, 1),
			extension(false, authorityKey(caKeyID, issuer, caSerial), 2, 5, 29, 35),
			extension(false, octets(must(hex.DecodeString("EE00EE00EE00EE00EE00EE00EE00EE00EE00EE00"))), 2, 5, 29, 14),
		},
	}, issuer, public)
}

// issueSigning makes a signing certificate (署名用). Tests use it to show that the product never reads it.
func issueSigning(i Issuance) []byte {
	return sign(&x509.Certificate{
		SerialNumber: loginSerial, NotBefore: i.NotBefore, NotAfter: i.NotAfter,
		RawSubject: name(attribute{oidC, "JP"}, attribute{oidCN, "19700101000000EMULATE9A"}),
		ExtraExtensions: []pkix.Extension{
			extension(true, []byte{0x03, 0x02, 0x06, 0xC0}, 2, 5, 29, 15),
			extension(true, policies(asn1.ObjectIdentifier{1, 2, 392, 200149, 8, 5, 1, 1, 20}), 2, 5, 29, 32),
		},
	}, caName(i.Organization, signingUnit), keys().signing.Public())
}

// issueCA makes the self-signed CA certificate.
func issueCA(i Issuance, unit string) []byte {
	dn := caName(i.Organization, unit)
	return sign(&x509.Certificate{
		SerialNumber: caSerial,
		NotBefore:    time.Date(2019, 9, 14, 23, 41, 59, 0, time.UTC),
		NotAfter:     time.Date(2029, 9, 14, 14, 59, 59, 0, time.UTC),
		RawSubject:   dn,
		ExtraExtensions: []pkix.Extension{
			extension(true, []byte{0x03, 0x02, 0x01, 0x06}, 2, 5, 29, 15),
			extension(false, directoryName(japaneseName()), 2, 5, 29, 17),
			extension(true, []byte{0x30, 0x03, 0x01, 0x01, 0xFF}, 2, 5, 29, 19),
			extension(false, distributionPoint(dn), 2, 5, 29, 31),
			extension(false, octets(must(hex.DecodeString(i.CAKeyID))), 2, 5, 29, 14),
		},
	}, dn, keys().ca.Public())
}

func sign(template *x509.Certificate, issuer []byte, public crypto.PublicKey) []byte {
	template.SignatureAlgorithm = x509.SHA256WithRSA
	parent := &x509.Certificate{RawSubject: issuer}
	return must(x509.CreateCertificate(rand.Reader, template, parent, public, keys().ca))
}

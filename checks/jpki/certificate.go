package jpki

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/hex"
	"slices"
	"strings"

	"etax-doctor/checks/facts"
)

// generations maps the subject key identifier of each CA for user authentication to the year it began. The three
// CAs share one name, so the key identifier is the only way to tell them apart. Source: the CA certificates that
// J-LIS publishes (jpki.go.jp/ca/ca_rules4.html); to be compared by a person before each release.
var generations = map[string]string{
	"9567951b5ca70d84a0fff1d85a87f1aab1340385": "2015",
	"8cd5586a891485e559379b7e29d410cfd28b3593": "2019",
	"1ac100f596a3bc8c4b3df195e32699249e9e308a": "2023",
}

// testOrganization is the issuer's O in the test hierarchy that J-LIS gives to developers.
const testOrganization = "JPKI-TEST"

// reduce turns the certificate into facts. The DER bytes, the subject (which names the municipality), the CRL
// distribution point and the serial number end here.
func reduce(der []byte) *facts.Certificate {
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return &facts.Certificate{State: facts.CertificateUnreadable, Reason: "not-x509"}
	}
	f := &facts.Certificate{
		State:        facts.CertificateRead,
		NotBefore:    cert.NotBefore.UTC(),
		NotAfter:     cert.NotAfter.UTC(),
		KeyType:      "other",
		CAGeneration: generations[hex.EncodeToString(cert.AuthorityKeyId)],
		Test:         slices.ContainsFunc(cert.Issuer.Organization, func(o string) bool { return strings.EqualFold(o, testOrganization) }),
	}
	switch key := cert.PublicKey.(type) {
	case *rsa.PublicKey:
		f.KeyType, f.KeyBits = "RSA", key.N.BitLen()
	case *ecdsa.PublicKey:
		f.KeyType, f.KeyBits = "ECDSA", key.Params().BitSize
	}
	if len(cert.PolicyIdentifiers) > 0 {
		f.PolicyOID = cert.PolicyIdentifiers[0].String()
	}
	return f
}

// derLength returns the whole length of the DER object that head begins with. The EF is longer than the certificate
// and may be filled up with anything, so this header is the only trustworthy length.
func derLength(head []byte) (int, bool) {
	const sequence = 0x30
	if len(head) < 4 || head[0] != sequence {
		return 0, false
	}
	switch head[1] {
	case 0x81:
		return 3 + int(head[2]), true
	case 0x82:
		return 4 + int(head[2])<<8 + int(head[3]), true
	}
	return 0, false
}

package jpki

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
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

// fingerprints are the SHA-256 of the CA certificates for user authentication that J-LIS publishes. They have the same
// source as generations and need the same comparison before each release; that of 2019 was computed from a published
// copy.
var fingerprints = map[string]bool{
	"4dcfc4ca0aaf9fb2a3081b3f0c991c320b3acc008667a341eeaec5af1d58ca7d": true, // 2015
	"0d98de47fc11b7f67126874b7028b6026a803d2638d6edfe53176953961fade6": true, // 2019
	"64114f29620c24ed2631d46476a040e7ee740d956089c00b036a6a8118c322b5": true, // 2023
}

// checkChain says whether the card's own CA certificate is a published one and has signed the login certificate.
func checkChain(login, ca []byte) *facts.Chain {
	sum := sha256.Sum256(ca)
	chain := &facts.Chain{KnownCA: fingerprints[hex.EncodeToString(sum[:])]}
	issuer, err := x509.ParseCertificate(ca)
	if err != nil {
		return chain
	}
	if cert, err := x509.ParseCertificate(login); err == nil {
		chain.Signed = issuer.CheckSignature(cert.SignatureAlgorithm, cert.RawTBSCertificate, cert.Signature) == nil
	}
	return chain
}

// testOrganization is the issuer's O in the test hierarchy that J-LIS gives to developers.
const testOrganization = "JPKI-TEST"

// reduce turns the certificate into facts. The DER bytes, the subject (which names the municipality), the CRL
// distribution point and the serial number are not kept.
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

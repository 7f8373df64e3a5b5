package virtualcard

import (
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func healthy() *Card { return New(Healthy(time.Now())) }

func selected(c *Card) *Card {
	c.Transmit(append([]byte{0x00, 0xA4, 0x04, 0x0C, 0x0A}, jpkiAID...))
	return c
}

func sw(reply []byte) uint16 { return uint16(reply[len(reply)-2])<<8 | uint16(reply[len(reply)-1]) }

func verifyAPDU(p2 byte, secret string) []byte {
	return append([]byte{0x00, 0x20, 0x00, p2, byte(len(secret))}, secret...)
}

// The sizes are those of real certificates.
func TestCertificateProfile(t *testing.T) {
	c := healthy()
	assert.Len(t, c.File(0x000A), 1572)
	assert.Len(t, c.File(0x000B), 1319)
	login, err := x509.ParseCertificate(c.File(0x000A))
	require.NoError(t, err)
	ca, err := x509.ParseCertificate(c.File(0x000B))
	require.NoError(t, err)
	assert.Empty(t, login.UnhandledCriticalExtensions)
	assert.Equal(t, ca.RawSubject, login.RawIssuer)
	assert.Equal(t, ca.SubjectKeyId, login.AuthorityKeyId)
	roots := x509.NewCertPool()
	roots.AddCert(ca)
	_, err = login.Verify(x509.VerifyOptions{Roots: roots, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	require.NoError(t, err)
	var order []string
	for _, e := range login.Extensions {
		order = append(order, e.Id.String())
	}
	assert.Equal(t, []string{"2.5.29.15", "2.5.29.37", "2.5.29.32", "2.5.29.18", "2.5.29.31", "1.3.6.1.5.5.7.1.1", "2.5.29.35", "2.5.29.14"}, order)
}

func TestWrongPINsCostTriesAndLock(t *testing.T) {
	c := selected(healthy())
	assert.Equal(t, uint16(0x63C3), sw(c.Transmit([]byte{0x00, 0x20, 0x00, 0x98})))
	for _, want := range []uint16{0x63C2, 0x63C1, 0x63C0, 0x6984} {
		assert.Equal(t, want, sw(c.Transmit(verifyAPDU(0x98, "9999"))))
	}
	assert.Equal(t, uint16(0x6984), sw(c.Transmit(verifyAPDU(0x98, LoginPIN))), "locked means locked")
	assert.Equal(t, uint16(0x63C5), sw(c.Transmit([]byte{0x00, 0x20, 0x00, 0x9B})), "the other PIN is another matter")
}

func TestRightPINResetsAndAllowsSigning(t *testing.T) {
	c := selected(healthy())
	digestInfo := make([]byte, 51)
	signAPDU := append([]byte{0x80, 0x2A, 0x00, 0x97, byte(len(digestInfo))}, append(digestInfo, 0)...)
	assert.Equal(t, uint16(0x6982), sw(c.Transmit(signAPDU)))
	c.Transmit(verifyAPDU(0x98, "9999"))
	assert.Equal(t, uint16(0x9000), sw(c.Transmit(verifyAPDU(0x98, LoginPIN))))
	login, _ := c.Tries()
	assert.Equal(t, 3, login)
	assert.Equal(t, uint16(0x9000), sw(c.Transmit([]byte{0x00, 0x20, 0x00, 0x98})), "verified: the counter is not reported")
	reply := c.Transmit(signAPDU)
	require.Equal(t, uint16(0x9000), sw(reply))
	certificate, err := x509.ParseCertificate(c.File(0x000A))
	require.NoError(t, err)
	assert.NoError(t, rsa.VerifyPKCS1v15(certificate.PublicKey.(*rsa.PublicKey), crypto.Hash(0), digestInfo, reply[:len(reply)-2]))

	c.Reset()
	selected(c)
	assert.Equal(t, uint16(0x9000), sw(c.Transmit([]byte{0x00, 0x20, 0x00, 0x98})), "a warm reset keeps it")
	c.PowerUp()
	selected(c)
	assert.Equal(t, uint16(0x63C3), sw(c.Transmit([]byte{0x00, 0x20, 0x00, 0x98})), "power loss does not")
}

func TestSigningCertificateNeedsItsPassword(t *testing.T) {
	c := selected(healthy())
	assert.Equal(t, uint16(0x6982), sw(c.Transmit([]byte{0x00, 0xB0, 0x81, 0x00, 0x00})))
	c.Transmit(verifyAPDU(0x9B, SigningPIN))
	assert.Equal(t, uint16(0x9000), sw(c.Transmit([]byte{0x00, 0xB0, 0x81, 0x00, 0x00})))
}

func TestReads(t *testing.T) {
	c := selected(healthy())
	assert.Len(t, c.Transmit([]byte{0x00, 0xB0, 0x8A, 0x00, 0x00, 0x00, 0x00}), 1572+2, "extended")
	assert.Equal(t, uint16(0x6B00), sw(c.Transmit([]byte{0x00, 0xB0, 0x7F, 0x00, 0x00})), "past the end")
	refusing := Healthy(time.Now())
	refusing.RefuseExtended = true
	assert.Equal(t, uint16(0x6700), sw(selected(New(refusing)).Transmit([]byte{0x00, 0xB0, 0x8A, 0x00, 0x00, 0x00, 0x00})))
}

// SELECT MF does nothing on a My Number card.
func TestSelectMF(t *testing.T) {
	c := healthy()
	assert.Equal(t, uint16(0x6A86), sw(c.Transmit([]byte{0x00, 0xA4, 0x00, 0x00})))
	selected(c)
	assert.Equal(t, uint16(0x9000), sw(c.Transmit([]byte{0x00, 0xA4, 0x00, 0x00})))
	assert.Equal(t, uint16(0x6A82), sw(c.Transmit([]byte{0x00, 0xA4, 0x00, 0x00, 0x02, 0x3F, 0x00})))
}

func TestRecord(t *testing.T) {
	c := selected(healthy())
	c.Transmit(verifyAPDU(0x98, "9999"))
	record := c.Record()
	require.Len(t, record, 2)
	assert.Equal(t, verifyAPDU(0x98, "9999"), record[1])
}

func FuzzCard(f *testing.F) {
	f.Add([]byte{0x00, 0xB0, 0x8A, 0x00, 0x00})
	f.Add(verifyAPDU(0x98, LoginPIN))
	f.Fuzz(func(t *testing.T, cmd []byte) {
		c := selected(healthy())
		if len(c.Transmit(cmd)) < 2 {
			t.Fatal("no status word")
		}
	})
}

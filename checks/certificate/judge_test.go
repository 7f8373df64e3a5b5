package certificate

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"etax-doctor/checks/facts"
	"etax-doctor/checks/finding"
)

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}

func factsWith(now time.Time, c *facts.Certificate) *facts.Facts {
	return &facts.Facts{
		CollectedAt: now,
		System:      &facts.System{Clock: now, BuiltAt: at("2026-11-22T00:00:00Z")},
		PCSC: &facts.PCSC{State: facts.PCSCReachable, Readers: []facts.Reader{{
			State: facts.ReaderStates{Present: true},
			Card: &facts.Card{Outcome: facts.CardRead, Certificate: c,
				Availability: &facts.Availability{Signing: true, Login: true}}}}},
	}
}

func TestValidity(t *testing.T) {
	certificate := func() *facts.Certificate {
		return &facts.Certificate{State: facts.CertificateRead, CAGeneration: "2023", KeyType: "RSA",
			NotBefore: at("2024-05-10T09:00:00+09:00"), NotAfter: at("2029-05-09T23:59:59+09:00")}
	}
	for _, c := range []struct {
		name string
		now  string
		want finding.Code
		args finding.Args
	}{
		{"in the middle", "2027-02-20T12:00:00+09:00", "certificate.valid", finding.Args{"notAfter": "2029-05-09", "daysLeft": "809"}},
		{"the minute before it begins", "2024-05-10T08:59:00+09:00", "certificate.not-yet-valid", finding.Args{"notBefore": "2024-05-10"}},
		{"the day of issue", "2024-05-10T09:00:01+09:00", "certificate.renewed-today", nil},
		{"the day of issue, late in the evening", "2024-05-10T23:59:59+09:00", "certificate.renewed-today", nil},
		{"the next day in Japan", "2024-05-11T00:00:00+09:00", "certificate.valid", nil},
		{"three months and a day before its end", "2029-02-08T23:59:59+09:00", "certificate.valid", nil},
		{"three months before its end", "2029-02-10T00:00:00+09:00", "certificate.expires-soon", finding.Args{"daysLeft": "88"}},
		{"its last second", "2029-05-09T23:59:59+09:00", "certificate.expires-soon", finding.Args{"daysLeft": "0"}},
		{"the second after", "2029-05-10T00:00:00+09:00", "certificate.expired", finding.Args{"notAfter": "2029-05-09"}},
		{"long after", "2029-12-31T12:00:00+09:00", "certificate.expired", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			// Some times are before the build date: without it, the clock is not judged.
			f := factsWith(at(c.now), certificate())
			f.System.BuiltAt = time.Time{}
			got := Judge(f)
			assert.Equal(t, c.want, got[0].Code)
			for k, v := range c.args {
				assert.Equal(t, v, got[0].Args[k], k)
			}
		})
	}
}

// ofCertificates returns the findings without those about PINs, as "code status".
func ofCertificates(findings []finding.Finding) (list []string) {
	for _, f := range findings {
		if strings.HasPrefix(string(f.Code), "pin.") {
			continue
		}
		list = append(list, string(f.Code)+" "+string(f.Status))
	}
	return list
}

func TestOtherStates(t *testing.T) {
	now := at("2027-02-20T12:00:00+09:00")
	good := facts.Certificate{State: facts.CertificateRead, CAGeneration: "2019", NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(1, 0, 0)}
	unknownIssuer, test := good, good
	unknownIssuer.CAGeneration = ""
	test.CAGeneration, test.Test = "", true
	for _, c := range []struct {
		name   string
		change func(*facts.Facts)
		want   []string
	}{
		{"no card", func(f *facts.Facts) { f.PCSC.Readers[0].Card = nil }, []string{"certificate.valid skipped"}},
		{"another card", func(f *facts.Facts) { f.PCSC.Readers[0].Card.Outcome = facts.CardNotMyNumber }, []string{"certificate.valid skipped"}},
		{"missing", func(f *facts.Facts) {
			f.PCSC.Readers[0].Card.Certificate = &facts.Certificate{State: facts.CertificateMissing}
		}, []string{"certificate.missing failure"}},
		{"unreadable", func(f *facts.Facts) {
			f.PCSC.Readers[0].Card.Certificate = &facts.Certificate{State: facts.CertificateUnreadable}
		}, []string{"certificate.valid skipped"}},
		{"unknown issuer", func(f *facts.Facts) { f.PCSC.Readers[0].Card.Certificate = &unknownIssuer },
			[]string{"certificate.valid ok", "certificate.unknown-issuer warning", "certificate.revocation-unknown info"}},
		{"test card", func(f *facts.Facts) { f.PCSC.Readers[0].Card.Certificate = &test }, []string{"certificate.test failure"}},
		{"no signing certificate", func(f *facts.Facts) { f.PCSC.Readers[0].Card.Availability.Signing = false },
			[]string{"certificate.signing-missing info", "certificate.valid ok", "certificate.revocation-unknown info"}},
		{"wrong clock", func(f *facts.Facts) { f.System.Clock = at("2001-01-01T00:00:00Z") },
			[]string{"certificate.valid skipped"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			copied := good
			f := factsWith(now, &copied)
			c.change(f)
			assert.Equal(t, c.want, ofCertificates(Judge(f)))
		})
	}
}

// A record keeps no dates, and judging it again gives the same finding. Records of version 1 contain dates.
func TestARecordIsJudgedAsItWas(t *testing.T) {
	planted := facts.Certificate{State: facts.CertificateRead, CAGeneration: "2023", KeyType: "RSA",
		NotBefore: at("2024-05-10T09:00:00+09:00"), NotAfter: at("2029-05-09T23:59:59+09:00")}
	for _, now := range []string{"2024-05-10T08:00:00+09:00", "2024-05-10T12:00:00+09:00", "2025-01-01T12:00:00+09:00", "2029-05-01T00:00:00+09:00", "2030-01-01T00:00:00+09:00"} {
		certificate := planted
		first := Judge(factsWith(at(now), &certificate))[0]
		Summarise(&certificate, at(now))
		data, err := json.Marshal(certificate)
		require.NoError(t, err)
		for _, personal := range []string{"05-09", "05-10", "14:59:59", "notAfter\"", "notBefore\""} {
			assert.NotContains(t, string(data), personal)
		}
		var kept facts.Certificate
		require.NoError(t, json.Unmarshal(data, &kept))
		again := Judge(factsWith(at(now), &kept))[0]
		assert.Equal(t, finding.ForRecord(first), finding.ForRecord(again), now)
	}
	var old facts.Certificate
	require.NoError(t, json.Unmarshal([]byte(`{"state":"read","notBefore":"2024-05-10T00:00:00Z","notAfter":"2029-05-09T14:59:59Z","keyType":"RSA"}`), &old))
	assert.Equal(t, finding.Code("certificate.expired"), Judge(factsWith(at("2030-01-01T00:00:00+09:00"), &old))[0].Code)
	changed := facts.Certificate{State: facts.CertificateRead, KeyType: "RSA"}
	assert.Equal(t, finding.Unknown, Judge(factsWith(at("2030-01-01T00:00:00+09:00"), &changed))[0].Status)
}

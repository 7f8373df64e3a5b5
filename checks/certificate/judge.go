// Package certificate judges the login certificate (利用者証明用電子証明書) and the retry counters of both PINs, by the
// facts read from the card.
package certificate

import (
	"strconv"
	"time"

	"etax-doctor/checks/conditions"
	"etax-doctor/checks/facts"
	"etax-doctor/checks/finding"
)

// jst is the time zone in which certificates end (23:59:59) and in which e-Tax counts days.
var jst = time.FixedZone("JST", 9*60*60)

// renewalMonths is how many months before its end a certificate can be renewed.
const renewalMonths = 3

// Judge says whether the certificate is valid at this time, that its revocation cannot be known here, and whether a PIN
// is locked or has one try left.
func Judge(f *facts.Facts) []finding.Finding {
	card, _ := f.PCSC.MyNumberCard()
	if card == nil {
		return []finding.Finding{finding.NewSkipped("certificate.valid", "card")}
	}
	return append(judgeCertificate(f, card), judgeCounters(card)...)
}

func judgeCertificate(f *facts.Facts, card *facts.Card) []finding.Finding {
	if card.Certificate == nil || card.Certificate.State == facts.CertificateUnreadable {
		return []finding.Finding{finding.NewSkipped("certificate.valid", "card")}
	}
	var all []finding.Finding
	if card.Availability != nil && !card.Availability.Signing {
		all = append(all, finding.New("certificate.signing-missing", finding.Info, nil))
	}
	c := card.Certificate
	if c.State == facts.CertificateMissing {
		return append(all, finding.New("certificate.missing", finding.Failure, nil))
	}
	if c.Test {
		return append(all, finding.New("certificate.test", finding.Failure, nil))
	}
	dates := validity(f, c)
	all = append(all, dates)
	if c.CAGeneration == "" {
		all = append(all, finding.New("certificate.unknown-issuer", finding.Warning, nil))
	}
	if dates.Status == finding.OK || dates.Status == finding.Warning {
		// If the certificate cannot be used anyway, its revocation does not matter.
		all = append(all, finding.New("certificate.revocation-unknown", finding.Info, nil))
	}
	return all
}

func validity(f *facts.Facts, c *facts.Certificate) finding.Finding {
	if conditions.ClockIsWrong(f) {
		return finding.NewSkipped("certificate.valid", "system")
	}
	args := finding.Args{"notBefore": year(c.NotBeforeYear), "notAfter": year(c.NotAfterYear), "caGeneration": c.CAGeneration}
	if !c.NotAfter.IsZero() {
		Summarise(c, f.CollectedAt)
		args["notBefore"], args["notAfter"] = day(c.NotBefore), day(c.NotAfter)
		if left := daysBetween(f.CollectedAt, c.NotAfter); left >= 0 {
			args["daysLeft"] = strconv.Itoa(left)
		}
	}
	switch c.Validity {
	case facts.NotYetValid, facts.RenewedToday, facts.Expired:
		return finding.New(finding.Code("certificate."+c.Validity), finding.Failure, args)
	case facts.ExpiresSoon:
		return finding.New("certificate.expires-soon", finding.Warning, args)
	case facts.Valid:
		return finding.New("certificate.valid", finding.OK, args)
	}
	return finding.NewUnknown("certificate.valid", "not-looked-at") // only in a record that somebody has changed
}

// Summarise sets what a record may keep of a certificate's dates: the two years and Validity.
func Summarise(c *facts.Certificate, now time.Time) {
	if c.NotAfter.IsZero() {
		return
	}
	c.NotBeforeYear, c.NotAfterYear = c.NotBefore.In(jst).Year(), c.NotAfter.In(jst).Year()
	switch {
	case now.Before(c.NotBefore):
		c.Validity = facts.NotYetValid
	case now.After(c.NotAfter):
		c.Validity = facts.Expired
	case day(now) == day(c.NotBefore):
		c.Validity = facts.RenewedToday
	case now.In(jst).AddDate(0, renewalMonths, 0).After(c.NotAfter):
		c.Validity = facts.ExpiresSoon
	default:
		c.Validity = facts.Valid
	}
}

func year(y int) string {
	if y == 0 {
		return ""
	}
	return strconv.Itoa(y)
}

func day(t time.Time) string { return t.In(jst).Format(time.DateOnly) }

// daysBetween returns the number of midnights in Japan between two times.
func daysBetween(from, to time.Time) int {
	midnight := func(t time.Time) time.Time {
		y, m, d := t.In(jst).Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	}
	return int(midnight(to).Sub(midnight(from)).Hours() / 24)
}

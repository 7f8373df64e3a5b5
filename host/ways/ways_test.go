package ways

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"etax-doctor/checks/finding"
	"etax-doctor/host/texts"
)

var noon = time.Date(2027, 3, 3, 12, 0, 0, 0, jst)

func catalog(t *testing.T, language string) *texts.Catalog {
	t.Helper()
	c, err := texts.Load(language)
	require.NoError(t, err)
	return c
}

func titles(t *testing.T, code finding.Code, status finding.Status) (all []string) {
	t.Helper()
	f := finding.New(code, status, args(code))
	for _, w := range Everything(catalog(t, "en"), noon).For(f, finding.IsSymptom(code)) {
		all = append(all, w.Title)
	}
	return all
}

// args are any values for the arguments that a code has to have.
func args(code finding.Code) finding.Args {
	all := finding.Args{}
	for name := range finding.MustLookup(code).Args {
		all[name] = "2026-11-03"
	}
	return all
}

func TestTheWaysFitTheVerdict(t *testing.T) {
	phone, phoneCertificate, id, paper := "Read the card with a phone", "Use the certificate in a phone", "Use the ID and password", "File on paper"
	for _, c := range []struct {
		code   finding.Code
		status finding.Status
		want   []string
	}{
		{"reader.none", finding.Failure, []string{phone, phoneCertificate, id, paper}},
		{"service.smart-card-disabled", finding.Failure, []string{phone, phoneCertificate, id, paper}},
		{"app.mynaportal-missing", finding.Failure, []string{phone, phoneCertificate, id, paper}},
		{"extension.bridge-missing", finding.Failure, []string{phone, phoneCertificate, id, paper}},
		{"policy.native-messaging-blocked", finding.Failure, []string{phone, phoneCertificate, id, paper}},
		{"symptom.environment", finding.Warning, []string{phone, phoneCertificate, id, paper}},
		{"symptom.app-no-answer", finding.Warning, []string{phone, phoneCertificate, id, paper}},
		{"verdict.all-fine", finding.OK, []string{phone, phoneCertificate, id, paper}},
		{"certificate.expired", finding.Failure, []string{id, paper}},
		{"certificate.missing", finding.Failure, []string{id, paper}},
		{"pin.login-locked", finding.Failure, []string{id, paper}},
		{"certificate.renewed-today", finding.Failure, []string{"Log in tomorrow (4 March 2027)", id, paper}},
		{"session.maintenance", finding.Failure, []string{"Wait until e-Tax is open again", paper}},
		{"account.number-not-linked", finding.Failure, nil},
		{"certificate.expires-soon", finding.Warning, nil},
		{"system.unsupported-os", finding.Warning, []string{phone, phoneCertificate, id, paper}},
		{"session.qr", finding.Info, []string{id, paper}},
		{"session.corporate", finding.Info, nil},
		{"symptom.form-input", finding.Warning, nil},
	} {
		assert.Equal(t, c.want, titles(t, c.code, c.status), c.code)
	}
}

// The card's own symptoms are of the certificate's layer as verdicts: no phone can read a locked card.
func TestNoPhoneForAMessageAboutTheCertificate(t *testing.T) {
	verdict, _ := finding.Verdict([]finding.Finding{finding.New("symptom.certificate-expired", finding.Info, nil)})
	for _, w := range Everything(catalog(t, "en"), noon).For(verdict, true) {
		assert.NotContains(t, w.Title, "phone")
	}
}

// A warning beside a message is no sign that the login works.
func TestWaysForAMessageBesideAWarning(t *testing.T) {
	warning := finding.New("security.may-interfere", finding.Warning, args("security.may-interfere"))
	all := Everything(catalog(t, "ja"), noon)
	assert.Len(t, all.For(warning, true), 4)
	assert.Empty(t, all.For(warning, false))
}

func TestTheDeadline(t *testing.T) {
	for day, want := range map[string]string{
		"2027-02-15": "", "2027-02-16": "締切（3月15日）まであと27日あります。", "2027-03-03": "締切（3月15日）まであと12日あります。",
		"2027-03-14": "締切は明日（3月15日）です。", "2027-03-15": "締切は今日（3月15日）です。", "2027-03-16": "", "2031-03-01": "",
	} {
		now, err := time.ParseInLocation(time.DateOnly, day, jst)
		require.NoError(t, err)
		assert.Equal(t, want, Deadline(catalog(t, "ja"), now.Add(23*time.Hour)), day)
	}
}

func TestEachWayHasItsTexts(t *testing.T) {
	known := map[string]bool{"": true}
	for name, group := range ways().Groups {
		known[name] = true
		for _, language := range texts.Languages {
			for _, w := range texted(group, catalog(t, language), noon) {
				assert.NotEmpty(t, w.Title, name)
				assert.NotEmpty(t, w.Needs, name)
			}
		}
	}
	for code, group := range ways().Codes {
		assert.True(t, known[group], group)
		finding.MustLookup(code)
	}
	for layer, group := range ways().Layers {
		assert.True(t, known[group], group)
		assert.Contains(t, finding.Layers(), layer)
	}
}

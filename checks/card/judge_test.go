package card

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"etax-doctor/checks/facts"
	"etax-doctor/checks/finding"
)

func slot(c *facts.Card) facts.Reader {
	return facts.Reader{Name: "R", State: facts.ReaderStates{Present: c != nil}, Card: c}
}

func outcome(o facts.CardOutcome) facts.Reader { return slot(&facts.Card{Outcome: o}) }

func TestJudge(t *testing.T) {
	rsa := &facts.Certificate{State: facts.CertificateRead, KeyType: "RSA"}
	gone := facts.Reader{Name: "R", State: facts.ReaderStates{Unavailable: true}}
	hello := facts.Reader{Name: "Windows Hello for Business 1", State: facts.ReaderStates{Present: true}}
	for _, c := range []struct {
		name    string
		readers []facts.Reader
		want    string
	}{
		{"no reader", nil, "card.ready skipped"},
		{"only a virtual reader", []facts.Reader{hello}, "card.ready skipped"},
		{"empty", []facts.Reader{slot(nil)}, "card.absent failure"},
		{"read", []facts.Reader{slot(&facts.Card{Outcome: facts.CardRead, Certificate: rsa})}, "card.ready ok"},
		{"no certificate", []facts.Reader{slot(&facts.Card{Outcome: facts.CardRead, Certificate: &facts.Certificate{State: facts.CertificateMissing}})}, "card.ready ok"},
		{"garbage for a certificate", []facts.Reader{slot(&facts.Card{Outcome: facts.CardRead, Certificate: &facts.Certificate{State: facts.CertificateUnreadable, Reason: "not-der"}})}, "card.unreadable failure"},
		{"another key type", []facts.Reader{slot(&facts.Card{Outcome: facts.CardRead, Certificate: &facts.Certificate{State: facts.CertificateRead, KeyType: "ECDSA", KeyBits: 384}})}, "card.new-generation unknown"},
		{"another token", []facts.Reader{outcome(facts.CardUnknownToken)}, "card.new-generation unknown"},
		{"another card", []facts.Reader{outcome(facts.CardNotMyNumber)}, "card.not-my-number failure"},
		{"a phone", []facts.Reader{outcome(facts.CardPhone)}, "card.phone failure"},
		{"mute", []facts.Reader{outcome(facts.CardMute)}, "card.mute failure"},
		{"removed", []facts.Reader{outcome(facts.CardRemoved)}, "card.removed failure"},
		{"unreadable", []facts.Reader{outcome(facts.CardUnreadable)}, "card.unreadable failure"},
		{"exclusive", []facts.Reader{outcome(facts.CardHeldExclusive)}, "card.in-use failure"},
		{"transaction", []facts.Reader{outcome(facts.CardHeldByOther)}, "card.in-use failure"},
		{"another check of ours", []facts.Reader{outcome(facts.CardHeldByUs)}, "card.ready unknown"},
		{"left alone", []facts.Reader{outcome(facts.CardLeftAlone)}, "card.ready unknown"},
		{"the only reader is gone", []facts.Reader{gone}, "card.ready skipped"},
		{"it went while being read", []facts.Reader{outcome(facts.ReaderGone)}, "card.ready skipped"},
		{"one went while being read, one is empty", []facts.Reader{outcome(facts.ReaderGone), slot(nil)}, "card.removed failure"},
		{"one gone, one empty", []facts.Reader{gone, slot(nil)}, "card.absent failure"},
		{"a transit card beside the right one", []facts.Reader{outcome(facts.CardNotMyNumber), slot(&facts.Card{Outcome: facts.CardRead, Certificate: rsa})}, "card.ready ok"},
		{"a transit card beside one in use", []facts.Reader{outcome(facts.CardNotMyNumber), outcome(facts.CardHeldByOther)}, "card.in-use failure"},
		{"a transit card and an empty slot", []facts.Reader{slot(nil), outcome(facts.CardNotMyNumber)}, "card.not-my-number failure"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Judge(&facts.Facts{PCSC: &facts.PCSC{State: facts.PCSCReachable, Readers: c.readers}})
			assert.Len(t, got, 1)
			assert.Equal(t, c.want, string(got[0].Code)+" "+string(got[0].Status))
		})
	}
}

func TestLoginInFlight(t *testing.T) {
	f := &facts.Facts{LoginInFlight: true, PCSC: &facts.PCSC{Readers: []facts.Reader{{State: facts.ReaderStates{Present: true}}}}}
	got := Judge(f)
	assert.Equal(t, finding.Unknown, got[0].Status)
	assert.Equal(t, "login-in-flight", got[0].Args["reason"])
	f.PCSC.Readers[0].State.Present = false
	assert.Equal(t, finding.Code("card.absent"), Judge(f)[0].Code, "state flags show that much")
}

func TestKindOf(t *testing.T) {
	for atr, want := range map[string]facts.CardKind{
		"3B8F8001804F0CA000000306 11 003B0000000042": facts.KindTransitOrFeliCa,
		"3B8F8001804F0CA000000306 03 00010000000000": facts.KindUnknown,
		"3B88800100000000 9181C100D8":                facts.KindDrivingLicence,
		"3BE000FF8131FE4514":                         facts.KindUnknown,
		"":                                           facts.KindUnknown,
		"3B8F8001804F0CA000000306":                   facts.KindUnknown,
	} {
		assert.Equal(t, want, kindOf(unhex(atr)), atr)
	}
}

func FuzzKindOf(f *testing.F) {
	f.Add(storagePrefix)
	f.Fuzz(func(t *testing.T, atr []byte) {
		if kindOf(atr) == "" {
			t.Fatal("no kind")
		}
	})
}

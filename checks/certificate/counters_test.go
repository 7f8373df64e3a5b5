package certificate

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"etax-doctor/checks/facts"
	"etax-doctor/checks/finding"
)

func TestCounters(t *testing.T) {
	tries := func(n int) *facts.Counter { return &facts.Counter{State: facts.CounterTries, Tries: n} }
	locked := &facts.Counter{State: facts.CounterLocked}
	verified := &facts.Counter{State: facts.CounterVerified}
	unknown := &facts.Counter{State: facts.CounterUnknown}
	for _, c := range []struct {
		name           string
		login, signing *facts.Counter
		noSigning      bool
		want           []string
		args           finding.Args
	}{
		{"full", tries(3), tries(5), false, []string{"pin.ready ok"}, finding.Args{"login": "3", "signing": "5"}},
		{"two left is no reason to worry", tries(2), tries(4), false, []string{"pin.ready ok"}, nil},
		{"already verified", verified, tries(5), false, []string{"pin.ready ok"}, finding.Args{"login": "verified"}},
		{"login locked", locked, tries(5), false, []string{"pin.login-locked failure"}, nil},
		{"login last try", tries(1), tries(5), false, []string{"pin.login-last-try warning"}, nil},
		{"signing locked", tries(3), locked, false, []string{"pin.signing-locked warning"}, nil},
		{"signing last try", tries(3), tries(1), false, []string{"pin.signing-last-try warning"}, nil},
		{"both locked", locked, locked, false, []string{"pin.login-locked failure", "pin.signing-locked warning"}, nil},
		{"a child's card", tries(3), locked, true, []string{"pin.ready ok"}, finding.Args{"signing": "none"}},
		{"no answer", unknown, tries(5), false, []string{"pin.ready unknown"}, finding.Args{"reason": "no-counter"}},
		{"no answer for login, signing locked", unknown, locked, false, []string{"pin.signing-locked warning", "pin.ready unknown"}, nil},
		{"no answer at all", nil, nil, false, []string{"pin.ready unknown"}, nil},
		{"no answer for signing only", tries(3), unknown, false, []string{"pin.ready ok"}, finding.Args{"signing": "unknown"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := judgeCounters(&facts.Card{Outcome: facts.CardRead, LoginPIN: c.login, SigningPIN: c.signing,
				Availability: &facts.Availability{Login: true, Signing: !c.noSigning}})
			var brief []string
			for _, f := range got {
				brief = append(brief, string(f.Code)+" "+string(f.Status))
			}
			assert.Equal(t, c.want, brief)
			for k, v := range c.args {
				assert.Equal(t, v, got[0].Args[k])
			}
		})
	}
}

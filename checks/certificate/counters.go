package certificate

import (
	"strconv"

	"etax-doctor/checks/facts"
	"etax-doctor/checks/finding"
)

// judgeCounters judges the retry counters; reading them costs no try. The login PIN (4 digits, 3 tries) decides whether
// the login can work; the signing password (5 tries) is only needed later, to send a return.
func judgeCounters(card *facts.Card) []finding.Finding {
	var all []finding.Finding
	all = append(all, fewTries(card.LoginPIN, "pin.login-locked", finding.Failure, "pin.login-last-try")...)
	signing := card.SigningPIN
	if card.Availability != nil && !card.Availability.Signing {
		signing = nil // without a signing certificate, the signing password does not matter
	}
	all = append(all, fewTries(signing, "pin.signing-locked", finding.Warning, "pin.signing-last-try")...)
	if card.LoginPIN == nil || card.LoginPIN.State == facts.CounterUnknown {
		return append(all, finding.NewUnknown("pin.ready", "no-counter"))
	}
	if len(all) > 0 {
		return all
	}
	return []finding.Finding{finding.New("pin.ready", finding.OK, finding.Args{
		"login": tries(card.LoginPIN), "signing": tries(signing)})}
}

// fewTries returns a finding for a counter that has no try left, or one.
func fewTries(c *facts.Counter, locked finding.Code, lockedStatus finding.Status, lastTry finding.Code) []finding.Finding {
	switch {
	case c == nil:
		return nil
	case c.State == facts.CounterLocked:
		return []finding.Finding{finding.New(locked, lockedStatus, nil)}
	case c.State == facts.CounterTries && c.Tries == 1:
		return []finding.Finding{finding.New(lastTry, finding.Warning, nil)}
	}
	return nil
}

// tries is the number of tries left, or a word that the catalogue of texts translates.
func tries(c *facts.Counter) string {
	if c == nil {
		return "none"
	}
	if c.State == facts.CounterTries {
		return strconv.Itoa(c.Tries)
	}
	return string(c.State)
}

package card

import (
	"etax-doctor/checks/conditions"
	"etax-doctor/checks/facts"
	"etax-doctor/checks/finding"
)

// Judge says whether a My Number card could be read. With several readers, a card that was read counts; if there is
// none, the card whose outcome comes first in outcomes.
func Judge(f *facts.Facts) []finding.Finding {
	readers := conditions.RealReaders(f.PCSC)
	if len(readers) == 0 {
		return []finding.Finding{finding.NewSkipped("card.ready", "reader")}
	}
	if card, reader := f.PCSC.MyNumberCard(); card != nil {
		return []finding.Finding{readCard(card, reader)}
	}
	if f.LoginInFlight {
		return []finding.Finding{inFlight(readers)}
	}
	best := finding.New("card.absent", finding.Failure, nil)
	rank := len(outcomes)
	gone := 0
	for _, r := range readers {
		if r.State.Unavailable || (r.Card != nil && r.Card.Outcome == facts.ReaderGone) {
			gone++
		}
		if r.Card == nil {
			continue
		}
		for i, o := range outcomes {
			if o.outcome == r.Card.Outcome && i < rank {
				best, rank = o.judge(r.Card), i
			}
		}
	}
	if gone == len(readers) {
		return []finding.Finding{finding.NewSkipped("card.ready", "reader")}
	}
	return []finding.Finding{best}
}

func readCard(card *facts.Card, reader *facts.Reader) finding.Finding {
	c := card.Certificate
	switch {
	case c != nil && c.State == facts.CertificateUnreadable:
		return finding.New("card.unreadable", finding.Failure, finding.Args{"reason": "certificate:" + c.Reason})
	case c != nil && c.State == facts.CertificateRead && c.KeyType != "RSA":
		return finding.New("card.new-generation", finding.Unknown, finding.Args{"reason": "key-type"})
	}
	return finding.New("card.ready", finding.OK, finding.Args{"reader": reader.Name})
}

// inFlight judges only by the readers' state flags: during a login, no card is opened.
func inFlight(readers []facts.Reader) finding.Finding {
	for _, r := range readers {
		if r.State.Present {
			return finding.NewUnknown("card.ready", "login-in-flight")
		}
	}
	return finding.New("card.absent", finding.Failure, nil)
}

// outcomes gives the finding for each outcome, the most important first. Example: if one reader holds a My Number card
// that another program uses and a second reader holds a transit card, the finding is about the first reader.
var outcomes = []struct {
	outcome facts.CardOutcome
	judge   func(*facts.Card) finding.Finding
}{
	{facts.CardHeldExclusive, inUseBy("exclusive")},
	{facts.CardHeldByOther, inUseBy("transaction")},
	{facts.CardHeldByUs, untouched("other-check")},
	{facts.CardLeftAlone, untouched("in-use")},
	{facts.CardRemoved, removed},
	{facts.ReaderGone, removed},
	{facts.CardPhone, func(c *facts.Card) finding.Finding {
		return finding.New("card.phone", finding.Failure, finding.Args{"token": string(c.Token)})
	}},
	{facts.CardUnknownToken, func(*facts.Card) finding.Finding {
		return finding.New("card.new-generation", finding.Unknown, finding.Args{"reason": "token"})
	}},
	{facts.CardMute, func(*facts.Card) finding.Finding { return finding.New("card.mute", finding.Failure, nil) }},
	{facts.CardUnreadable, func(c *facts.Card) finding.Finding {
		return finding.New("card.unreadable", finding.Failure, finding.Args{"reason": c.Reason})
	}},
	{facts.CardNotMyNumber, func(c *facts.Card) finding.Finding {
		return finding.New("card.not-my-number", finding.Failure, finding.Args{"kind": string(c.Kind)})
	}},
}

// removed is for a card that was removed, alone or together with its reader while other readers are still there.
func removed(*facts.Card) finding.Finding { return finding.New("card.removed", finding.Failure, nil) }

// untouched is for a card that was not opened.
func untouched(reason string) func(*facts.Card) finding.Finding {
	return func(*facts.Card) finding.Finding { return finding.NewUnknown("card.ready", reason) }
}

func inUseBy(how string) func(*facts.Card) finding.Finding {
	return func(*facts.Card) finding.Finding {
		return finding.New("card.in-use", finding.Failure, finding.Args{"how": how})
	}
}

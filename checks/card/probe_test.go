package card_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"etax-doctor/checks/card"
	"etax-doctor/checks/facts"
	"etax-doctor/checks/simulate"
	"etax-doctor/checks/smartcard/apdu"
	"etax-doctor/checks/smartcard/pcsc"
	"etax-doctor/checks/smartcard/virtualcard"
)

// failingSlot is a slot whose connection fails once, at the APDU with index at (-1: never), and works again after a
// reconnect. With always, it fails each time.
type failingSlot struct {
	*virtualcard.Card
	at        int
	err       error
	always    bool
	sent      int
	happened  bool
	reconnect error
	resets    int
	// connected and closed count the connections; if noSecond is set, the second Connect fails with it.
	connected, closed int
	noSecond          error
	flags             pcsc.StateFlags // in addition to pcsc.StatePresent
	given             []pcsc.Disposition
	lost              bool // after this command, the card has lost its selection
	later             bool // it fails only from the second transaction on
	begun, heldAt     int  // the Begin, from 1, at which another program has the card; 0 for none
}

func (s *failingSlot) Establish(context.Context) (pcsc.Context, error) { return s, nil }
func (s *failingSlot) Readers(context.Context) ([]string, error)       { return []string{"R"}, nil }
func (s *failingSlot) Release()                                        {}
func (s *failingSlot) Connect(context.Context, string) (pcsc.Card, error) {
	s.sent = 0
	if s.connected > 0 && s.noSecond != nil {
		return nil, s.noSecond
	}
	s.connected++
	return s, nil
}

func (s *failingSlot) Begin(context.Context) error {
	if s.begun++; s.begun == s.heldAt {
		return &pcsc.DeadlineError{Call: "BeginTransaction"}
	}
	return nil
}

func (s *failingSlot) Close(d pcsc.Disposition) {
	s.closed++
	s.given = append(s.given, d)
}

func (s *failingSlot) States(context.Context, []string) ([]pcsc.State, error) {
	return []pcsc.State{{Flags: pcsc.StatePresent | s.flags}}, nil
}

func (s *failingSlot) Wait(_ context.Context, _ []string, last []pcsc.State, _ time.Duration) ([]pcsc.State, error) {
	return last, nil // nothing changes
}

func (s *failingSlot) Reconnect(context.Context, pcsc.Disposition) error {
	s.Reset()
	s.resets++
	s.sent = 0
	return s.reconnect
}

func (s *failingSlot) Transmit(_ context.Context, cmd apdu.Command) ([]byte, error) {
	if s.sent == s.at && (!s.happened || s.always) && (!s.later || s.begun > 1) {
		s.happened = true
		if s.err == nil {
			return nil, nil // 0 bytes and no error, which can happen when a card is pulled out
		}
		return nil, s.err
	}
	s.sent++
	reply := s.Card.Transmit(cmd.Bytes())
	if s.lost {
		s.lost = false
		s.Reset()
	}
	return reply, nil
}

// extendedCommand is the index of the extended-length read among the six commands.
const extendedCommand = 5

func code(c pcsc.Code) error { return &pcsc.Error{Call: "Transmit", Code: c} }

func TestTroubleAtEveryCommand(t *testing.T) {
	for at := range 6 { // 6 commands read a card where extended length works
		for name, c := range map[string]struct {
			slot failingSlot
			want facts.CardOutcome
		}{
			"reset by another program": {failingSlot{err: code(pcsc.CodeResetCard)}, facts.CardRead},
			"one communication error":  {failingSlot{err: code(pcsc.CodeCommError)}, facts.CardRead},
			"communication errors":     {failingSlot{err: code(pcsc.CodeCommDataLost), always: true}, facts.CardUnreadable},
			"a Win32 error":            {failingSlot{err: code(0x1F)}, facts.CardRead},
			"no bytes, once":           {failingSlot{}, facts.CardRead},
			"no bytes, ever":           {failingSlot{always: true}, facts.CardUnreadable},
			"removed":                  {failingSlot{err: code(pcsc.CodeRemovedCard)}, facts.CardRemoved},
			"no bytes, then removed":   {failingSlot{reconnect: code(pcsc.CodeRemovedCard)}, facts.CardRemoved},
			"no bytes, then no card":   {failingSlot{reconnect: code(pcsc.CodeNoSmartcard)}, facts.CardRemoved},
			"mute":                     {failingSlot{err: code(pcsc.CodeUnresponsiveCard)}, facts.CardMute},
			"the reader is unplugged":  {failingSlot{err: code(pcsc.CodeReaderUnavailable)}, facts.ReaderGone},
			"the library crashes":      {failingSlot{err: &pcsc.PanicError{Call: "Transmit"}, always: true}, facts.CardUnreadable},
			"the driver hangs":         {failingSlot{err: &pcsc.DeadlineError{Call: "Transmit"}}, facts.CardUnreadable},
			"something else":           {failingSlot{err: errors.New("another"), always: true}, facts.CardUnreadable},
		} {
			slot := c.slot
			slot.at = at
			slot.Card = virtualcard.New(virtualcard.Healthy(time.Now()))
			got := card.Probe(t.Context(), &slot, "R", pcsc.State{Flags: pcsc.StatePresent}, card.Options{})
			want := c.want
			if at == extendedCommand && !slot.always && name != "the driver hangs" {
				// Whatever the error is, the card is still there, and a read without the extended command works.
				want = facts.CardRead
			}
			require.Equal(t, want, got.Outcome, "%s at command %d", name, at)
			if got.Outcome == facts.CardUnreadable {
				assert.NotEmpty(t, got.Reason, name)
			}
			assert.LessOrEqual(t, slot.resets, 1, "one retry, not more")
			if c.want == facts.CardRead && at < 5 {
				assert.Equal(t, facts.ExtendedUsed, got.Extended, "%s at command %d says nothing of extended length", name, at)
			}
			for _, cmd := range slot.Record() {
				require.False(t, cmd[1] == 0x20 && len(cmd) != 4, "a VERIFY with data")
			}
		}
	}
}

// A reset by another program of which PC/SC does not tell in time must not look like a fault of the card.
func TestAResetThatIsNotToldOf(t *testing.T) {
	for name, change := range map[string]func(*virtualcard.Profile){
		"extended length":        func(*virtualcard.Profile) {},
		"short reads":            func(p *virtualcard.Profile) { p.RefuseExtended = true },
		"no short identifiers":   func(p *virtualcard.Profile) { p.RefuseSFI = true },
		"the CA certificate too": func(*virtualcard.Profile) {},
	} {
		profile := virtualcard.Healthy(time.Now())
		change(&profile)
		for at := range 16 {
			c := virtualcard.New(profile)
			slot := failingSlot{Card: c, at: -1}
			c.At(at+1, func() { slot.lost = true })
			got := card.Probe(t.Context(), &slot, "R", pcsc.State{Flags: pcsc.StatePresent}, card.Options{Deep: name == "the CA certificate too"})
			require.Equal(t, facts.CardRead, got.Outcome, "%s, at command %d", name, at)
			assert.Equal(t, facts.CounterTries, got.LoginPIN.State, "%s, at command %d", name, at)
			assert.Equal(t, facts.CounterTries, got.SigningPIN.State, "%s, at command %d", name, at)
			assert.Equal(t, facts.CertificateRead, got.Certificate.State, "%s, at command %d", name, at)
			assert.False(t, got.Certificate.Chain != nil && got.Certificate.Chain.CAUnread, "%s, at command %d", name, at)
			assert.LessOrEqual(t, slot.resets, 1, "one retry, not more")
		}
	}
}

// What cannot be read with certainty is read again. If that fails, the person is told why, or what was read at first.
func TestADoubtfulReadingIsDoneAgain(t *testing.T) {
	odd := func(p *virtualcard.Profile) { p.Certificate = []byte("garbage") }
	for name, c := range map[string]struct {
		change   func(*virtualcard.Profile)
		slot     failingSlot
		readings int
		want     facts.CardOutcome
	}{
		"it stays as it was":                {odd, failingSlot{}, 2, facts.CardRead},
		"the card is gone":                  {odd, failingSlot{reconnect: code(pcsc.CodeRemovedCard)}, 1, facts.CardRemoved},
		"another program has it by then":    {odd, failingSlot{heldAt: 2}, 1, facts.CardRead},
		"the reader chokes by then":         {odd, failingSlot{at: extendedCommand, later: true, err: &pcsc.DeadlineError{Call: "Transmit"}}, 2, facts.CardUnreadable},
		"it says that it has none":          {func(p *virtualcard.Profile) { p.NoLogin = true }, failingSlot{}, 1, facts.CardRead},
		"a PIN that is locked":              {func(p *virtualcard.Profile) { p.LoginTries = 0 }, failingSlot{}, 1, facts.CardRead},
		"a PIN that is locked, in a word":   {func(p *virtualcard.Profile) { p.LoginTries, p.LockedSW = 0, 0x6983 }, failingSlot{}, 2, facts.CardRead},
		"a label that is not known":         {func(p *virtualcard.Profile) { p.Label = "something else" }, failingSlot{}, 2, facts.CardUnknownToken},
		"another kind of card is no puzzle": {func(p *virtualcard.Profile) { p.SelectSW = 0x6A82 }, failingSlot{}, 1, facts.CardNotMyNumber},
	} {
		profile := virtualcard.Healthy(time.Now())
		c.change(&profile)
		slot := c.slot
		slot.Card = virtualcard.New(profile)
		if !slot.later {
			slot.at = -1
		}
		got := card.Probe(t.Context(), &slot, "R", pcsc.State{Flags: pcsc.StatePresent}, card.Options{})
		assert.Equal(t, c.want, got.Outcome, name)
		labels := 0
		for _, cmd := range slot.Record() {
			if cmd[1] == 0xB0 && cmd[2] == 0x80|0x06 {
				labels++
			}
		}
		if c.want != facts.CardNotMyNumber {
			assert.Equal(t, c.readings, labels, name)
		}
		assert.Equal(t, []pcsc.Disposition{pcsc.LeaveCard}, slot.given, name)
	}
}

// A connection is closed exactly once, also if opening a new one fails.
func TestAConnectionIsClosedOnce(t *testing.T) {
	for at := range 7 {
		slot := &failingSlot{Card: virtualcard.New(virtualcard.Healthy(time.Now())), at: at, always: true,
			err: code(pcsc.CodeCommError), noSecond: code(pcsc.CodeReaderUnavailable)}
		card.Probe(t.Context(), slot, "R", pcsc.State{Flags: pcsc.StatePresent}, card.Options{})
		assert.Equal(t, slot.connected, slot.closed, "trouble at command %d", at)
	}
}

// A card is reset only if it stops answering while a PIN's EF may be the current EF.
func TestHowTheCardIsGivenBack(t *testing.T) {
	profile := virtualcard.Healthy(time.Now())
	profile.RefuseSFI = true
	reset := 0
	for at := range 24 {
		slot := &failingSlot{Card: virtualcard.New(profile), at: at, always: true, err: code(pcsc.CodeCommError)}
		synctest.Test(t, func(t *testing.T) {
			card.Probe(t.Context(), slot, "R", pcsc.State{Flags: pcsc.StatePresent}, card.Options{ExtendedLength: refusingCache()})
		})
		onPIN := slot.Current() == uint16(apdu.EFLoginPIN) || slot.Current() == uint16(apdu.EFSigningPIN)
		if slot.given[0] == pcsc.ResetCard {
			reset++
		}
		assert.False(t, onPIN && slot.given[0] != pcsc.ResetCard, "trouble at command %d", at)
	}
	assert.Equal(t, 6, reset, "at the SELECT of a PIN's EF, the VERIFY after it, and the SELECT after that")
}

// refusingCache returns a cache that knows that the reader of these tests does not accept extended length.
func refusingCache() *card.ExtendedLengthCache {
	cache := &card.ExtendedLengthCache{}
	profile := virtualcard.Healthy(time.Now())
	profile.RefuseExtended = true
	card.Probe(context.Background(), &failingSlot{Card: virtualcard.New(profile), at: -1}, "R", pcsc.State{Flags: pcsc.StatePresent}, card.Options{ExtendedLength: cache})
	return cache
}

// A card that another program is connected to is opened only if a person asked for the check.
func TestACardInUseIsNotOpenedUnasked(t *testing.T) {
	for _, unasked := range []bool{false, true} {
		// The state that Probe is given may be old, because the check waits for its turn.
		slot := &failingSlot{Card: virtualcard.New(virtualcard.Healthy(time.Now())), at: -1, flags: pcsc.StateInUse}
		got := card.Probe(t.Context(), slot, "R", pcsc.State{Flags: pcsc.StatePresent}, card.Options{Unasked: unasked})
		if unasked {
			assert.Equal(t, facts.CardLeftAlone, got.Outcome)
			assert.Zero(t, slot.connected)
			assert.Empty(t, slot.Record())
		} else {
			assert.Equal(t, facts.CardRead, got.Outcome)
		}
		slot.flags = 0
		unused := card.Probe(t.Context(), slot, "R", pcsc.State{Flags: pcsc.StatePresent | pcsc.StateInUse}, card.Options{Unasked: unasked})
		assert.Equal(t, facts.CardRead, unused.Outcome)
	}
}

// If a check finds that a reader cannot use extended length, the next check knows it. Other errors are not remembered.
func TestWhatIsRemembered(t *testing.T) {
	for name, c := range map[string]struct {
		slot     failingSlot
		refuse   bool
		extended facts.Extended
		next     int // APDUs of the next check
	}{
		"works":                         {failingSlot{at: -1}, false, facts.ExtendedUsed, 7},
		"refused by the card":           {failingSlot{at: -1}, true, facts.ExtendedRefused, 13},
		"the connection breaks over it": {failingSlot{at: extendedCommand, err: code(pcsc.CodeCommError)}, false, facts.ExtendedFailed, 13},
		"it drops the card":             {failingSlot{at: extendedCommand, err: code(pcsc.CodeRemovedCard)}, false, facts.ExtendedFailed, 13},
		"it hangs":                      {failingSlot{at: extendedCommand, err: &pcsc.DeadlineError{Call: "Transmit"}}, false, facts.ExtendedFailed, 13},
		"trouble with another command":  {failingSlot{at: 3, err: code(pcsc.CodeCommError)}, false, facts.ExtendedUsed, 7},
	} {
		t.Run(name, func(t *testing.T) {
			slot := c.slot
			profile := virtualcard.Healthy(time.Now())
			profile.RefuseExtended = c.refuse
			slot.Card = virtualcard.New(profile)
			cache := &card.ExtendedLengthCache{}
			check := func() *facts.Card {
				return card.Probe(t.Context(), &slot, "R", pcsc.State{Flags: pcsc.StatePresent}, card.Options{ExtendedLength: cache})
			}
			assert.Equal(t, c.extended, check().Extended)
			again := check()
			assert.Equal(t, facts.CardRead, again.Outcome)
			assert.Equal(t, c.next, again.APDUs)
		})
	}
}

func TestTheCacheOutlivesTheProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "readers.json")
	machine := func() *failingSlot {
		profile := virtualcard.Healthy(time.Now())
		profile.RefuseExtended = true
		return &failingSlot{Card: virtualcard.New(profile), at: -1}
	}
	check := func() int {
		return card.Probe(t.Context(), machine(), "R (1234567) 00 00", pcsc.State{Flags: pcsc.StatePresent},
			card.Options{ExtendedLength: &card.ExtendedLengthCache{Path: path}, Model: "R"}).APDUs
	}
	assert.Equal(t, 14, check())
	assert.Equal(t, 13, check())
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, `["R"]`, string(data), "no serial number")

	require.NoError(t, os.WriteFile(path, []byte("garbage"), 0o600))
	assert.Equal(t, 14, check())
	assert.Equal(t, 13, check())
}

func TestConnectErrors(t *testing.T) {
	for code, want := range map[pcsc.Code]facts.CardOutcome{
		pcsc.CodeSharingViolation:  facts.CardHeldExclusive,
		pcsc.CodeNoSmartcard:       facts.CardRemoved,
		pcsc.CodeRemovedCard:       facts.CardRemoved,
		pcsc.CodeUnresponsiveCard:  facts.CardMute,
		pcsc.CodeUnpoweredCard:     facts.CardMute,
		pcsc.CodeReaderUnavailable: facts.ReaderGone,
		pcsc.CodeUnknownReader:     facts.ReaderGone,
		pcsc.CodeUnsupportedCard:   facts.CardNotMyNumber,
		pcsc.CodeProtoMismatch:     facts.CardUnreadable,
		pcsc.CodeServiceStopped:    facts.ReaderGone,
	} {
		system := &simulate.PCSC{Slots: []*simulate.Slot{{Name: "R", ConnectFails: code}}}
		got := card.Probe(t.Context(), system, "R", pcsc.State{Flags: pcsc.StatePresent}, card.Options{})
		assert.Equal(t, want, got.Outcome, "%08X", uint32(code))
	}
}

func TestStateFlagsAloneAreEnough(t *testing.T) {
	system := &simulate.PCSC{} // connecting would fail
	for flags, want := range map[pcsc.StateFlags]facts.CardOutcome{
		pcsc.StateExclusive | pcsc.StateInUse: facts.CardHeldExclusive,
		pcsc.StateMute:                        facts.CardMute,
	} {
		assert.Equal(t, want, card.Probe(t.Context(), system, "R", pcsc.State{Flags: flags | pcsc.StatePresent}, card.Options{}).Outcome)
	}
}

func TestKindComesFromTheATROnlyAfterTheCardRefused(t *testing.T) {
	machine, _, _ := simulate.New("not-my-number", time.Now())
	pc, err := machine.PCSC.Establish(t.Context())
	require.NoError(t, err)
	states, err := pc.States(t.Context(), []string{simulate.ReaderName})
	require.NoError(t, err)
	got := card.Probe(t.Context(), machine.PCSC, simulate.ReaderName, states[0], card.Options{})
	assert.Equal(t, facts.KindTransitOrFeliCa, got.Kind)
}

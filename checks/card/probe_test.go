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

// troubled is a slot whose connection fails once, at the APDU with index at (-1: never), and works again after a
// reconnect. With always, it fails each time.
type troubled struct {
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
}

func (s *troubled) Establish(context.Context) (pcsc.Context, error) { return s, nil }
func (s *troubled) Readers(context.Context) ([]string, error)       { return []string{"R"}, nil }
func (s *troubled) Release()                                        {}
func (s *troubled) Connect(context.Context, string) (pcsc.Card, error) {
	s.sent = 0
	if s.connected > 0 && s.noSecond != nil {
		return nil, s.noSecond
	}
	s.connected++
	return s, nil
}

func (s *troubled) Begin(context.Context) error { return nil }
func (s *troubled) Close(d pcsc.Disposition) {
	s.closed++
	s.given = append(s.given, d)
}

func (s *troubled) States(context.Context, []string) ([]pcsc.State, error) {
	return []pcsc.State{{Flags: pcsc.StatePresent | s.flags}}, nil
}

func (s *troubled) Wait(_ context.Context, _ []string, last []pcsc.State, _ time.Duration) ([]pcsc.State, error) {
	return last, nil // nothing changes
}

func (s *troubled) Reconnect(context.Context, pcsc.Disposition) error {
	s.Reset()
	s.resets++
	s.sent = 0
	return s.reconnect
}

func (s *troubled) Transmit(_ context.Context, cmd apdu.Command) ([]byte, error) {
	if s.sent == s.at && (!s.happened || s.always) {
		s.happened = true
		if s.err == nil {
			return nil, nil // 0 bytes and no error, which can happen when a card is pulled out
		}
		return nil, s.err
	}
	s.sent++
	return s.Card.Transmit(cmd.Bytes()), nil
}

// extendedCommand is the index of the extended-length read among the six commands.
const extendedCommand = 5

func code(c pcsc.Code) error { return &pcsc.Error{Call: "Transmit", Code: c} }

func TestTroubleAtEveryCommand(t *testing.T) {
	for at := range 6 { // 6 commands read a card where extended length works
		for name, c := range map[string]struct {
			slot troubled
			want facts.CardOutcome
		}{
			"reset by another program": {troubled{err: code(pcsc.CodeResetCard)}, facts.CardRead},
			"one communication error":  {troubled{err: code(pcsc.CodeCommError)}, facts.CardRead},
			"communication errors":     {troubled{err: code(pcsc.CodeCommDataLost), always: true}, facts.CardUnreadable},
			"a Win32 error":            {troubled{err: code(0x1F)}, facts.CardRead},
			"no bytes, once":           {troubled{}, facts.CardRead},
			"no bytes, ever":           {troubled{always: true}, facts.CardUnreadable},
			"removed":                  {troubled{err: code(pcsc.CodeRemovedCard)}, facts.CardRemoved},
			"no bytes, then removed":   {troubled{reconnect: code(pcsc.CodeRemovedCard)}, facts.CardRemoved},
			"no bytes, then no card":   {troubled{reconnect: code(pcsc.CodeNoSmartcard)}, facts.CardRemoved},
			"mute":                     {troubled{err: code(pcsc.CodeUnresponsiveCard)}, facts.CardMute},
			"the reader is unplugged":  {troubled{err: code(pcsc.CodeReaderUnavailable)}, facts.ReaderGone},
			"the library crashes":      {troubled{err: &pcsc.PanicError{Call: "Transmit"}, always: true}, facts.CardUnreadable},
			"the driver hangs":         {troubled{err: &pcsc.DeadlineError{Call: "Transmit"}}, facts.CardUnreadable},
			"something else":           {troubled{err: errors.New("another"), always: true}, facts.CardUnreadable},
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

// A connection is closed exactly once, also if opening a new one fails.
func TestAConnectionIsClosedOnce(t *testing.T) {
	for at := range 7 {
		slot := &troubled{Card: virtualcard.New(virtualcard.Healthy(time.Now())), at: at, always: true,
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
		slot := &troubled{Card: virtualcard.New(profile), at: at, always: true, err: code(pcsc.CodeCommError)}
		synctest.Test(t, func(t *testing.T) {
			card.Probe(t.Context(), slot, "R", pcsc.State{Flags: pcsc.StatePresent}, card.Options{ExtendedLength: refusing()})
		})
		onPIN := slot.Current() == uint16(apdu.EFLoginPIN) || slot.Current() == uint16(apdu.EFSigningPIN)
		if slot.given[0] == pcsc.ResetCard {
			reset++
		}
		assert.False(t, onPIN && slot.given[0] != pcsc.ResetCard, "trouble at command %d", at)
	}
	assert.Equal(t, 6, reset, "at the SELECT of a PIN's EF, the VERIFY after it, and the SELECT after that")
}

// refusing returns a cache that knows that the reader of these tests does not accept extended length.
func refusing() *card.ExtendedLengthCache {
	refusals := &card.ExtendedLengthCache{}
	profile := virtualcard.Healthy(time.Now())
	profile.RefuseExtended = true
	card.Probe(context.Background(), &troubled{Card: virtualcard.New(profile), at: -1}, "R", pcsc.State{Flags: pcsc.StatePresent}, card.Options{ExtendedLength: refusals})
	return refusals
}

// A card that another program is connected to is opened only if a person asked for the check.
func TestACardInUseIsNotOpenedUnasked(t *testing.T) {
	for _, unasked := range []bool{false, true} {
		// The state that Probe is given may be old, because the check waits for its turn.
		slot := &troubled{Card: virtualcard.New(virtualcard.Healthy(time.Now())), at: -1, flags: pcsc.StateInUse}
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
		slot     troubled
		refuse   bool
		extended facts.Extended
		next     int // APDUs of the next check
	}{
		"works":                         {troubled{at: -1}, false, facts.ExtendedUsed, 7},
		"refused by the card":           {troubled{at: -1}, true, facts.ExtendedRefused, 13},
		"the connection breaks over it": {troubled{at: extendedCommand, err: code(pcsc.CodeCommError)}, false, facts.ExtendedFailed, 13},
		"it drops the card":             {troubled{at: extendedCommand, err: code(pcsc.CodeRemovedCard)}, false, facts.ExtendedFailed, 13},
		"it hangs":                      {troubled{at: extendedCommand, err: &pcsc.DeadlineError{Call: "Transmit"}}, false, facts.ExtendedFailed, 13},
		"trouble with another command":  {troubled{at: 3, err: code(pcsc.CodeCommError)}, false, facts.ExtendedUsed, 7},
	} {
		t.Run(name, func(t *testing.T) {
			slot := c.slot
			profile := virtualcard.Healthy(time.Now())
			profile.RefuseExtended = c.refuse
			slot.Card = virtualcard.New(profile)
			refusals := &card.ExtendedLengthCache{}
			check := func() *facts.Card {
				return card.Probe(t.Context(), &slot, "R", pcsc.State{Flags: pcsc.StatePresent}, card.Options{ExtendedLength: refusals})
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
	machine := func() *troubled {
		profile := virtualcard.Healthy(time.Now())
		profile.RefuseExtended = true
		return &troubled{Card: virtualcard.New(profile), at: -1}
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

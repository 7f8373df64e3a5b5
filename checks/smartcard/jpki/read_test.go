package jpki

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"etax-doctor/checks/facts"
	"etax-doctor/checks/smartcard/apdu"
	"etax-doctor/checks/smartcard/virtualcard"
)

// inProcess passes commands to a virtual card; answer may change a reply.
type inProcess struct {
	card   *virtualcard.Card
	answer func(cmd, reply []byte) []byte
}

func (p inProcess) Transmit(_ context.Context, cmd apdu.Command) ([]byte, error) {
	reply := p.card.Transmit(cmd.Bytes())
	if p.answer != nil {
		reply = p.answer(cmd.Bytes(), reply)
	}
	return reply, nil
}

var selectJPKI = []byte{0x00, 0xA4, 0x04, 0x0C, 0x0A, 0xD3, 0x92, 0xF0, 0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01}

var now = time.Date(2027, 2, 20, 12, 0, 0, 0, time.UTC)

func read(t *testing.T, change func(*virtualcard.Profile)) (*facts.Card, *virtualcard.Card) {
	t.Helper()
	p := virtualcard.Healthy(now)
	if change != nil {
		change(&p)
	}
	card := virtualcard.New(p)
	f, err := Read(t.Context(), apdu.NewGate(inProcess{card: card}), Options{})
	require.NoError(t, err)
	for _, cmd := range card.Record() {
		if cmd[1] == 0x20 {
			require.Len(t, cmd, 4)
		}
	}
	return f, card
}

func TestHealthyCard(t *testing.T) {
	f, card := read(t, nil)
	assert.Equal(t, &facts.Card{
		Outcome:      facts.CardRead,
		Token:        facts.TokenMyNumber,
		Availability: &facts.Availability{Signing: true, Login: true},
		LoginPIN:     &facts.Counter{State: facts.CounterTries, Tries: 3, SW: "63C3"},
		SigningPIN:   &facts.Counter{State: facts.CounterTries, Tries: 5, SW: "63C5"},
		Certificate: &facts.Certificate{
			State:        facts.CertificateRead,
			NotBefore:    time.Date(2025, 2, 1, 1, 0, 0, 0, time.UTC),
			NotAfter:     time.Date(2030, 2, 20, 14, 59, 59, 0, time.UTC),
			KeyType:      "RSA",
			KeyBits:      2048,
			CAGeneration: "2019",
			PolicyOID:    "1.2.392.200149.8.5.1.3.30",
		},
		APDUs: 13,
	}, f)
	assert.Len(t, card.Record(), 13)
}

func TestFallbackWhereShortFormsAreRefused(t *testing.T) {
	f, _ := read(t, func(p *virtualcard.Profile) { p.RefuseSFI = true })
	healthy, _ := read(t, nil)
	healthy.APDUs = f.APDUs
	assert.Equal(t, healthy, f)
}

func TestCAGenerations(t *testing.T) {
	for id, want := range map[string]string{
		virtualcard.CA2015: "2015", virtualcard.CA2019: "2019", virtualcard.CA2023: "2023", virtualcard.CANone: "",
	} {
		f, _ := read(t, func(p *virtualcard.Profile) { p.Issuance.CAKeyID = id })
		assert.Equal(t, want, f.Certificate.CAGeneration)
		assert.False(t, f.Certificate.Test)
	}
}

func TestTestHierarchy(t *testing.T) {
	f, _ := read(t, func(p *virtualcard.Profile) { p.Issuance.Organization = "JPKI-TEST" })
	assert.True(t, f.Certificate.Test)
}

func TestP384(t *testing.T) {
	f, _ := read(t, func(p *virtualcard.Profile) { p.Issuance.P384 = true })
	assert.Equal(t, "ECDSA", f.Certificate.KeyType)
	assert.Equal(t, 384, f.Certificate.KeyBits)
}

func TestFillerAfterTheCertificate(t *testing.T) {
	f, card := read(t, func(p *virtualcard.Profile) { p.Filler = 64 })
	assert.Equal(t, facts.CertificateRead, f.Certificate.State)
	assert.Len(t, card.Record(), 13, "the length comes from the DER header, not from the file")
}

func TestOtherTokens(t *testing.T) {
	for label, want := range map[string]facts.CardOutcome{
		virtualcard.LabelResidentRegister: facts.CardNotMyNumber,
		virtualcard.LabelAndroid:          facts.CardPhone,
		virtualcard.LabelIPhone:           facts.CardPhone,
		"SOMETHINGNEW":                    facts.CardUnknownToken,
	} {
		f, card := read(t, func(p *virtualcard.Profile) { p.Label = label })
		assert.Equal(t, want, f.Outcome, label)
		assert.Len(t, card.Record(), 3, "nothing more is asked of %s", label)
		assert.Nil(t, f.Certificate)
	}
}

func TestCardsWithoutTheApplication(t *testing.T) {
	for _, sw := range []uint16{0x6A82, 0x6A81, 0x6D00, 0x6E00, 0x6999} {
		f, card := read(t, func(p *virtualcard.Profile) { p.SelectSW = sw })
		assert.Equal(t, facts.CardNotMyNumber, f.Outcome)
		assert.Len(t, card.Record(), 1, "a card that is not ours is asked once")
	}
	f, _ := read(t, func(p *virtualcard.Profile) { p.SelectSW = 0x6581 })
	assert.Equal(t, facts.CardUnreadable, f.Outcome)
	assert.Equal(t, "select:6581", f.Reason)
}

func TestFirstCommandAfterPowerUpIsRepeated(t *testing.T) {
	f, _ := read(t, func(p *virtualcard.Profile) { p.FirstSW = 0x6F00 })
	assert.Equal(t, facts.CardRead, f.Outcome)
	assert.Equal(t, 14, f.APDUs)
}

func TestCounters(t *testing.T) {
	for _, sw := range []uint16{0x63C0, 0x6983, 0x6984} {
		f, _ := read(t, func(p *virtualcard.Profile) { p.LoginTries, p.LockedSW = 0, sw })
		assert.Equal(t, facts.CounterLocked, f.LoginPIN.State, "%04X", sw)
	}
	f, _ := read(t, func(p *virtualcard.Profile) { p.LoginVerified = true })
	assert.Equal(t, facts.CounterVerified, f.LoginPIN.State)
	f, _ = read(t, func(p *virtualcard.Profile) { p.LoginTries = 1 })
	assert.Equal(t, 1, f.LoginPIN.Tries)
}

func TestMissingCertificates(t *testing.T) {
	f, card := read(t, func(p *virtualcard.Profile) { p.NoLogin = true })
	assert.Equal(t, facts.CertificateMissing, f.Certificate.State)
	assert.Len(t, card.Record(), 8, "looked for by both forms")
	f, _ = read(t, func(p *virtualcard.Profile) { p.SFIKeepsCurrent = true })
	assert.Equal(t, facts.CertificateRead, f.Certificate.State)
	f, _ = read(t, func(p *virtualcard.Profile) { p.NoSigning = true })
	assert.False(t, f.Availability.Signing)
	assert.Equal(t, facts.CertificateRead, f.Certificate.State)
}

// Only one source describes EF 0008, so it is not believed if the certificate can be read.
func TestACertificateIsBelievedBeforeTheAvailabilityFile(t *testing.T) {
	f := readWith(t, Options{}, nil, func(cmd, reply []byte) []byte {
		if cmd[1] == 0xB0 && cmd[2] == 0x88 {
			return []byte{0x8F, 0x00, 0x00, 0x90, 0x00}
		}
		return reply
	})
	assert.False(t, f.Availability.Login)
	assert.Equal(t, facts.CertificateRead, f.Certificate.State)
}

func TestBadCertificates(t *testing.T) {
	whole := virtualcard.New(virtualcard.Healthy(now)).File(0x000A)
	for name, c := range map[string]struct {
		file   []byte
		reason string
	}{
		"empty":               {[]byte{}, "no-data:9000"},
		"text":                {[]byte("not a certificate"), "not-der"},
		"one byte":            {[]byte{0x30}, "not-der"},
		"truncated":           {whole[:700], "truncated:9000"},
		"claims to be huge":   {append([]byte{0x30, 0x82, 0xFF, 0xFF}, whole[4:]...), "not-der"},
		"garbage in a header": {append([]byte{0x30, 0x82, 0x01, 0x00}, make([]byte, 256)...), "not-x509"},
		"filled with FF":      {[]byte{0xFF, 0xFF, 0xFF, 0xFF}, "not-der"},
	} {
		f, _ := read(t, func(p *virtualcard.Profile) { p.Certificate = c.file })
		require.NotNil(t, f.Certificate, name)
		assert.Equal(t, facts.CertificateUnreadable, f.Certificate.State, name)
		assert.Equal(t, c.reason, f.Certificate.Reason, name)
	}
}

func TestStatusWordAlone(t *testing.T) {
	card := virtualcard.New(virtualcard.Healthy(now))
	f, err := Read(t.Context(), apdu.NewGate(inProcess{card: card, answer: func(cmd, reply []byte) []byte {
		if cmd[1] == 0xB0 {
			return []byte{0x90, 0x00}
		}
		return reply
	}}), Options{})
	require.NoError(t, err)
	assert.Equal(t, facts.TokenUnread, f.Token)
	assert.Nil(t, f.Availability)
	assert.Equal(t, facts.CertificateUnreadable, f.Certificate.State)
}

func TestCardThatGivesItsCertificateInSmallPieces(t *testing.T) {
	card := virtualcard.New(virtualcard.Healthy(now))
	f, err := Read(t.Context(), apdu.NewGate(inProcess{card: card, answer: func(cmd, reply []byte) []byte {
		if n := len(reply) - 2; cmd[1] == 0xB0 && n > 100 {
			return append(reply[:100:100], 0x62, 0x82)
		}
		return reply
	}}), Options{})
	require.NoError(t, err)
	assert.Equal(t, facts.CertificateRead, f.Certificate.State)
}

func TestZeroByteReplyIsAnError(t *testing.T) {
	card := virtualcard.New(virtualcard.Healthy(now))
	n := 0
	_, err := Read(t.Context(), apdu.NewGate(inProcess{card: card, answer: func(_, reply []byte) []byte {
		if n++; n == 4 {
			return nil
		}
		return reply
	}}), Options{})
	assert.ErrorAs(t, err, new(*apdu.ShortReplyError))
}

func readWith(t *testing.T, options Options, change func(*virtualcard.Profile), answer func(cmd, reply []byte) []byte) *facts.Card {
	t.Helper()
	p := virtualcard.Healthy(now)
	if change != nil {
		change(&p)
	}
	f, err := Read(t.Context(), apdu.NewGate(inProcess{card: virtualcard.New(p), answer: answer}), options)
	require.NoError(t, err)
	return f
}

func TestExtendedLength(t *testing.T) {
	short, _ := read(t, nil)
	f := readWith(t, Options{Extended: true}, nil, nil)
	assert.Equal(t, facts.ExtendedUsed, f.Extended)
	assert.Equal(t, 7, f.APDUs)
	assert.Equal(t, short.Certificate, f.Certificate)

	f = readWith(t, Options{Extended: true}, func(p *virtualcard.Profile) { p.Filler = 64 }, nil)
	assert.Equal(t, short.Certificate, f.Certificate, "filler after the certificate")
}

// A card may refuse extended length with any of these answers. It is then tried only once, and short reads are used.
func TestExtendedLengthRefused(t *testing.T) {
	short, _ := read(t, nil)
	for name, reply := range map[string][]byte{
		"6700": {0x67, 0x00}, "6985": {0x69, 0x85}, "6C00": {0x6C, 0x00}, "6A86": {0x6A, 0x86},
		"6D00": {0x6D, 0x00}, "6F00": {0x6F, 0x00}, "9000 and nothing": {0x90, 0x00},
	} {
		tried := 0
		f := readWith(t, Options{Extended: true, Deep: true}, nil, func(cmd, real []byte) []byte {
			if len(cmd) == 7 && cmd[1] == 0xB0 {
				tried++
				return reply
			}
			return real
		})
		assert.Equal(t, facts.ExtendedRefused, f.Extended, name)
		assert.Equal(t, short.Certificate.NotAfter, f.Certificate.NotAfter, name)
		assert.Equal(t, 1, tried, name)
	}
}

// A reader may cut the long answer: the rest is fetched in short pieces.
func TestExtendedLengthCutShort(t *testing.T) {
	f := readWith(t, Options{Extended: true}, nil, func(cmd, reply []byte) []byte {
		if len(cmd) == 7 && cmd[1] == 0xB0 {
			return append(reply[:256:256], 0x90, 0x00)
		}
		return reply
	})
	assert.Equal(t, facts.CertificateRead, f.Certificate.State)
	assert.Equal(t, 13, f.APDUs)
}

func TestDeepCheck(t *testing.T) {
	f := readWith(t, Options{Deep: true}, nil, nil)
	assert.Equal(t, &facts.Chain{KnownCA: false, Signed: true}, f.Certificate.Chain, "a synthetic card is never genuine")
	assert.False(t, f.Certificate.Chain.Genuine())
	assert.Equal(t, 19, f.APDUs)
	assert.Equal(t, 8, readWith(t, Options{Deep: true, Extended: true}, nil, nil).APDUs)

	forged := virtualcard.New(virtualcard.Healthy(now)).File(0x000A)
	forged[700] ^= 1
	assert.False(t, checkChain(forged, virtualcard.New(virtualcard.Healthy(now)).File(0x000B)).Signed)
	assert.Equal(t, &facts.Chain{}, checkChain(forged, []byte("garbage")))
	assert.Equal(t, &facts.Chain{}, checkChain(nil, nil))
	assert.Len(t, fingerprints, len(generations))
}

// simulated runs a test with a simulated clock, so that pauses take no time.
func simulated(t *testing.T, name string, test func(t *testing.T)) {
	t.Run(name, func(t *testing.T) { synctest.Test(t, test) })
}

// breaking passes on *left commands and then loses the card.
type breaking struct {
	inProcess
	left *int
}

var errBroken = errors.New("the link is broken")

func (b breaking) Transmit(ctx context.Context, cmd apdu.Command) ([]byte, error) {
	if *b.left == 0 {
		return nil, errBroken
	}
	*b.left--
	return b.inProcess.Transmit(ctx, cmd)
}

// At whatever command the link breaks, Read returns an error and never reports partial data as complete.
func TestTheLinkBreaks(t *testing.T) {
	for name, c := range map[string]struct {
		options Options
		card    func(*virtualcard.Profile)
	}{
		"short reads":                      {Options{}, func(*virtualcard.Profile) {}},
		"extended length":                  {Options{Extended: true}, func(*virtualcard.Profile) {}},
		"the chain too":                    {Options{Deep: true}, func(*virtualcard.Profile) {}},
		"short identifiers refused":        {Options{}, func(p *virtualcard.Profile) { p.RefuseSFI = true }},
		"short identifiers select nothing": {Options{}, func(p *virtualcard.Profile) { p.SFIKeepsCurrent = true }},
	} {
		simulated(t, name, func(t *testing.T) {
			profile := virtualcard.Healthy(now)
			c.card(&profile)
			for commands := 0; ; commands++ {
				left := commands
				f, err := Read(t.Context(), apdu.NewGate(breaking{inProcess{card: virtualcard.New(profile)}, &left}), c.options)
				if left > 0 { // Read ended before the link broke
					require.NoError(t, err)
					require.Greater(t, commands, 5)
					return
				}
				if err == nil {
					require.Equal(t, facts.CardRead, f.Outcome, "after %d commands", commands)
					continue // Read had all facts before the link broke
				}
				require.ErrorIs(t, err, errBroken, "after %d commands", commands)
			}
		})
	}
}

// However Read ends, there is no current EF, so another program cannot send its PIN to the wrong PIN's EF.
func TestNoEFIsLeftTheCurrentOne(t *testing.T) {
	for name, change := range map[string]func(*virtualcard.Profile){
		"short identifiers":                   func(*virtualcard.Profile) {},
		"none":                                func(p *virtualcard.Profile) { p.RefuseSFI = true },
		"short identifiers select nothing":    func(p *virtualcard.Profile) { p.SFIKeepsCurrent = true },
		"for READ only":                       func(p *virtualcard.Profile) { p.RefuseKeyReference = true },
		"for READ only, and they select none": func(p *virtualcard.Profile) { p.RefuseKeyReference, p.SFIKeepsCurrent = true, true },
		"no login certificate":                func(p *virtualcard.Profile) { p.RefuseSFI, p.NoLogin = true, true },
		"a phone":                             func(p *virtualcard.Profile) { p.Label = virtualcard.LabelAndroid },
	} {
		for _, end := range []string{"cancel before", "cancel after", "lost", "answer lost", "five lost"} {
			simulated(t, name+", "+end, func(t *testing.T) {
				profile := virtualcard.Healthy(now)
				change(&profile)
				for at := 0; ; at++ {
					card := virtualcard.New(profile)
					ctx, cancel := context.WithCancel(t.Context())
					link := &interrupted{card: card, at: at, end: end, cancel: cancel}
					_, _ = Read(ctx, apdu.NewGate(link), Options{Deep: true})
					cancel()
					if end != "five lost" || link.onPIN { // leave tries more than twice only for a PIN's EF
						require.Zero(t, card.Current(), "interrupted at command %d", at)
					}
					login, signing := card.Tries()
					require.Equal(t, []int{3, 5}, []int{login, signing})
					if link.sent <= at {
						require.Greater(t, at, 2)
						return
					}
				}
			})
		}
	}
}

// interrupted ends the reading at one command: it cancels the context, or loses the command or its answer.
type interrupted struct {
	card   *virtualcard.Card
	sent   int
	at     int
	end    string
	cancel func()
	onPIN  bool // a PIN's EF was the current one at that command
}

func (i *interrupted) Transmit(ctx context.Context, cmd apdu.Command) ([]byte, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	now := i.sent == i.at
	if now {
		i.onPIN = i.card.Current() == uint16(apdu.EFLoginPIN) || i.card.Current() == uint16(apdu.EFSigningPIN)
	}
	i.sent++
	switch {
	case now && i.end == "cancel before":
		i.cancel()
		return nil, context.Canceled
	case now && i.end == "lost", i.end == "five lost" && i.sent > i.at && i.sent <= i.at+5:
		return nil, errBroken
	}
	reply := i.card.Transmit(cmd.Bytes())
	switch {
	case now && i.end == "cancel after":
		i.cancel()
	case now && i.end == "answer lost":
		return nil, errBroken
	}
	return reply, nil
}

// If a card answers but refuses the commands that leave a PIN's EF, Read returns a StuckError, also if the card has
// selected that EF with a warning.
func TestACardThatDoesNotLeaveAPINsEF(t *testing.T) {
	profile := virtualcard.Healthy(now)
	profile.RefuseSFI = true
	for name, warning := range map[string][]byte{"selected": {0x90, 0x00}, "selected with a warning": {0x62, 0x83}} {
		simulated(t, name, func(t *testing.T) {
			stuck := false
			card := virtualcard.New(profile)
			_, err := Read(t.Context(), apdu.NewGate(inProcess{card: card, answer: func(cmd, reply []byte) []byte {
				switch {
				case cmd[1] == 0xA4 && stuck:
					return []byte{0x6F, 0x00}
				case cmd[1] == 0xA4 && cmd[2] == 0x02 && cmd[6] == 0x1B:
					stuck = true
					return warning
				}
				return reply
			}}), Options{})
			assert.ErrorAs(t, err, new(*StuckError))
		})
	}
	card := virtualcard.New(profile)
	f, err := Read(t.Context(), apdu.NewGate(inProcess{card: card, answer: func(cmd, reply []byte) []byte {
		if cmd[1] == 0xA4 && cmd[2] == 0x02 && cmd[6] == 0x1B {
			return []byte{0x62, 0x83}
		}
		return reply
	}}), Options{})
	require.NoError(t, err)
	assert.Equal(t, facts.CounterUnknown, f.SigningPIN.State)
	assert.Zero(t, card.Current())
}

// A PIN's EF is the current EF only for one VERIFY.
func TestAPINsEFIsLeftAtOnce(t *testing.T) {
	_, card := read(t, func(p *virtualcard.Profile) { p.RefuseSFI = true })
	record := card.Record()
	for i, cmd := range record {
		if cmd[1] == 0xA4 && cmd[2] == 0x02 && (cmd[6] == 0x18 || cmd[6] == 0x1B) {
			assert.Equal(t, []byte{0x00, 0x20, 0x00, 0x80}, record[i+1])
			assert.Equal(t, []byte{0x00, 0xA4, 0x02, 0x0C, 0x02, 0x00, 0x0A}, record[i+2])
		}
	}
}

// With a card that needs SELECT, the deep check reads the CA certificate, not the file that was selected before.
func TestDeepCheckOfACardThatWantsSELECT(t *testing.T) {
	for name, change := range map[string]func(*virtualcard.Profile){
		"no short identifiers":             func(p *virtualcard.Profile) { p.RefuseSFI = true },
		"short identifiers select nothing": func(p *virtualcard.Profile) { p.SFIKeepsCurrent = true },
		"for READ only":                    func(p *virtualcard.Profile) { p.RefuseKeyReference, p.SFIKeepsCurrent = true, true },
	} {
		for _, extended := range []bool{false, true} {
			f := readWith(t, Options{Deep: true, Extended: extended}, change, nil)
			assert.Equal(t, &facts.Chain{Signed: true}, f.Certificate.Chain, "%s, extended %v", name, extended)
		}
	}
}

// A DER object with a one-byte length (below 128 bytes) is too short for a JPKI certificate, so it is not accepted.
func TestDERLength(t *testing.T) {
	for _, c := range []struct {
		head []byte
		want int
		ok   bool
	}{
		{[]byte{0x30, 0x82, 0x06, 0x20}, 1572, true},
		{[]byte{0x30, 0x81, 0xC8, 0x02}, 203, true},
		{[]byte{0x30, 0x05, 0x02, 0x01}, 0, false},
		{[]byte{0x30, 0x84, 0x7F, 0xFF}, 0, false},
		{[]byte{0x31, 0x82, 0x06, 0x20}, 0, false},
		{[]byte{0x30, 0x82}, 0, false},
		{nil, 0, false},
	} {
		n, ok := derLength(c.head)
		assert.Equal(t, c.want, n, "% X", c.head)
		assert.Equal(t, c.ok, ok, "% X", c.head)
	}
}

func FuzzCertificate(f *testing.F) {
	whole := virtualcard.New(virtualcard.Healthy(now)).File(0x000A)
	f.Add(whole)
	f.Add(whole[:300])
	f.Add([]byte{0x30, 0x82, 0x06, 0x20})
	f.Fuzz(func(t *testing.T, der []byte) {
		n, ok := derLength(der)
		if ok && n <= 0 {
			t.Fatalf("length %d", n)
		}
		if c := reduce(der); c.State == facts.CertificateRead && c.NotAfter.IsZero() {
			t.Fatal("a certificate without dates")
		}
	})
}

// hostile answers with the given replies, whatever the commands are.
type hostile struct {
	replies [][]byte
	verify  bool
}

func (h *hostile) Transmit(_ context.Context, cmd apdu.Command) ([]byte, error) {
	h.verify = h.verify || (cmd.Bytes()[1] == 0x20 && len(cmd.Bytes()) != 4)
	if len(h.replies) == 0 {
		return []byte{0x6F, 0x00}, nil
	}
	reply := h.replies[0]
	h.replies = h.replies[1:]
	return reply, nil
}

// FuzzRead checks that, whatever a card answers, Read ends, does not crash, and sends no PIN.
func FuzzRead(f *testing.F) {
	card := virtualcard.New(virtualcard.Healthy(now))
	var replies []byte
	for _, cmd := range [][]byte{selectJPKI, {0x00, 0xB0, 0x86, 0x00, 0x20}, {0x00, 0xB0, 0x88, 0x00, 0x00},
		{0x00, 0x20, 0x00, 0x98}, {0x00, 0x20, 0x00, 0x9B}, {0x00, 0xB0, 0x8A, 0x00, 0x00}} {
		reply := card.Transmit(cmd)
		replies = append(append(replies, byte(min(len(reply), 255))), reply[max(0, len(reply)-255):]...)
	}
	f.Add(replies, false)
	f.Add(replies, true)
	f.Add([]byte{2, 0x90, 0x00, 2, 0x61, 0x00, 2, 0x61, 0x00}, true)
	f.Fuzz(func(t *testing.T, in []byte, extended bool) {
		h := &hostile{}
		for len(in) > 0 {
			n := min(int(in[0]), len(in)-1)
			h.replies, in = append(h.replies, in[1:1+n]), in[1+n:]
		}
		f, err := Read(t.Context(), apdu.NewGate(h), Options{Extended: extended, Deep: true})
		if err == nil && f.Outcome == "" {
			t.Fatal("no outcome")
		}
		if h.verify {
			t.Fatal("a VERIFY with data")
		}
	})
}

func FuzzToken(f *testing.F) {
	f.Add([]byte("JPKIAPICCTOKEN2                 "))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		if parseToken(data) == "" {
			t.Fatal("no token")
		}
	})
}

package apdu

import (
	"context"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// scripted answers commands with its replies in order and then with 9000, and records what it received.
type scripted struct {
	replies  [][]byte
	received [][]byte
	fail     error
}

func (s *scripted) Transmit(_ context.Context, cmd Command) ([]byte, error) {
	s.received = append(s.received, cmd.Bytes())
	if s.fail != nil {
		return nil, s.fail
	}
	if len(s.replies) == 0 {
		return []byte{0x90, 0x00}, nil
	}
	reply := s.replies[0]
	s.replies = s.replies[1:]
	return reply, nil
}

func apdu(t testing.TB, s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	require.NoError(t, err)
	return b
}

const selectAP = "00A4040C0AD392F000260100000001"

func TestAllowList(t *testing.T) {
	for _, c := range []struct {
		name    string
		before  []string // sent first, answered 9000
		cmd     string
		allowed bool
	}{
		{"SELECT JPKI", nil, selectAP, true},
		{"SELECT another application", nil, "00A4040C0AD3921000310001010100", false},
		{"SELECT JPKI with FCI", nil, "00A404000AD392F000260100000001", false},
		{"SELECT JPKI, longer", nil, selectAP + "00", false},
		{"anything before SELECT JPKI", nil, "00200098", false},
		{"READ before SELECT JPKI", nil, "00B0860020", false},
		{"SELECT token", []string{selectAP}, "00A4020C020006", true},
		{"SELECT availability", []string{selectAP}, "00A4020C020008", true},
		{"SELECT login certificate", []string{selectAP}, "00A4020C02000A", true},
		{"SELECT login CA", []string{selectAP}, "00A4020C02000B", true},
		{"SELECT login PIN", []string{selectAP}, "00A4020C020018", true},
		{"SELECT signing PIN", []string{selectAP}, "00A4020C02001B", true},
		{"SELECT signing certificate", []string{selectAP}, "00A4020C020001", false},
		{"SELECT signing CA", []string{selectAP}, "00A4020C020002", false},
		{"SELECT login key", []string{selectAP}, "00A4020C020017", false},
		{"SELECT signing key", []string{selectAP}, "00A4020C02001A", false},
		{"SELECT MF", []string{selectAP}, "00A40000", false},
		{"READ token by SFI", []string{selectAP}, "00B0860020", true},
		{"READ login certificate by SFI", []string{selectAP}, "00B08A0000", true},
		{"READ login certificate by SFI, extended", []string{selectAP}, "00B08A00000000", true},
		{"READ login certificate by SFI, extended with a length", []string{selectAP}, "00B08A00000100", false},
		{"READ login CA by SFI", []string{selectAP}, "00B08B0000", true},
		{"READ signing certificate by SFI", []string{selectAP}, "00B0810000", false},
		{"READ signing CA by SFI", []string{selectAP}, "00B0820000", false},
		{"READ EF 0009 by SFI", []string{selectAP}, "00B0890000", false},
		{"READ by SFI with another high bit", []string{selectAP}, "00B0AA0000", false},
		{"READ by SFI at an offset", []string{selectAP}, "00B08A1000", false},
		{"READ at offset, no current EF", []string{selectAP}, "00B0010000", false},
		{"READ at offset after SELECT", []string{selectAP, "00A4020C02000A"}, "00B0010000", true},
		{"READ at offset after SFI", []string{selectAP, "00B08A0000"}, "00B0010024", true},
		{"READ at offset of a PIN file", []string{selectAP, "00A4020C020018"}, "00B0000000", false},
		{"READ at offset after a new SELECT JPKI", []string{selectAP, "00B08A0000", selectAP}, "00B0010000", false},
		{"READ without Le", []string{selectAP, "00B08A0000"}, "00B00100", false},
		{"login counter", []string{selectAP}, "00200098", true},
		{"signing counter", []string{selectAP}, "0020009B", true},
		{"counter of another key", []string{selectAP}, "00200099", false},
		{"counter of the current PIN file", []string{selectAP, "00A4020C020018"}, "00200080", true},
		{"counter of the current file, not a PIN", []string{selectAP, "00A4020C020006"}, "00200080", false},
		{"counter of the current file, one command late", []string{selectAP, "00A4020C020018", "00200080"}, "00200080", false},
		{"VERIFY with Le", []string{selectAP}, "0020009800", false},
		{"VERIFY with a PIN", []string{selectAP}, "002000980431323334", false},
		{"VERIFY with a PIN on the current file", []string{selectAP, "00A4020C020018"}, "002000800431323334", false},
		{"VERIFY with an extended empty body", []string{selectAP}, "00200098000000", false},
		{"VERIFY with another P1", []string{selectAP}, "00200198", false},
		{"VERIFY with another class", []string{selectAP}, "80200098", false},
		{"VERIFY with command chaining", []string{selectAP}, "10200098", false},
		{"VERIFY on a logical channel", []string{selectAP}, "01200098", false},
		{"VERIFY, odd instruction", []string{selectAP}, "00210098", false},
		{"CHANGE PIN", []string{selectAP}, "002401800431323334", false},
		{"RESET RETRY COUNTER", []string{selectAP}, "002C0098", false},
		{"SIGN", []string{selectAP}, "802A0080053031323334", false},
		{"GET RESPONSE out of the blue", []string{selectAP}, "00C0000010", false},
		{"GET CHALLENGE", []string{selectAP}, "0084000008", false},
		{"UPDATE BINARY", []string{selectAP, "00A4020C02000A"}, "00D600000100", false},
		{"ENVELOPE", []string{selectAP}, "00C20000", false},
		{"empty", nil, "", false},
		{"header only in part", []string{selectAP}, "0020", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			card := &scripted{}
			g := NewGate(card)
			for _, b := range c.before {
				_, err := g.send(t.Context(), apdu(t, b))
				require.NoError(t, err)
			}
			card.received = nil
			cmd := apdu(t, c.cmd)
			_, err := g.send(t.Context(), cmd)
			if c.allowed {
				require.NoError(t, err)
				assert.Equal(t, [][]byte{cmd}, card.received)
				return
			}
			var refused *RefusedError
			require.ErrorAs(t, err, &refused)
			assert.LessOrEqual(t, len(refused.Header), 4, "a body may hold a secret")
			assert.Empty(t, card.received)
		})
	}
}

func TestAFailedSelectAllowsNothing(t *testing.T) {
	card := &scripted{replies: [][]byte{{0x6A, 0x82}}}
	g := NewGate(card)
	_, err := g.SelectApplication(t.Context())
	require.NoError(t, err)
	_, err = g.send(t.Context(), apdu(t, "00200098"))
	assert.ErrorAs(t, err, new(*RefusedError))
}

func TestForgetAfterReset(t *testing.T) {
	g := NewGate(&scripted{})
	_, err := g.SelectApplication(t.Context())
	require.NoError(t, err)
	g.Forget()
	_, err = g.send(t.Context(), apdu(t, "00B0860020"))
	assert.ErrorAs(t, err, new(*RefusedError))
}

func TestGetResponse(t *testing.T) {
	card := &scripted{replies: [][]byte{{0x90, 0x00}, {0xAA, 0x61, 0x02}, {0xBB, 0xCC, 0x90, 0x00}}}
	g := NewGate(card)
	_, err := g.SelectApplication(t.Context())
	require.NoError(t, err)
	r, err := g.send(t.Context(), apdu(t, "00B0860020"))
	require.NoError(t, err)
	assert.Equal(t, Response{Data: []byte{0xAA, 0xBB, 0xCC}, SW: SWOK}, r)
	assert.Equal(t, apdu(t, "00C0000002"), card.received[2])
	assert.Equal(t, 3, g.Sent())
}

func TestWrongLength(t *testing.T) {
	card := &scripted{replies: [][]byte{{0x90, 0x00}, {0x6C, 0x03}, {1, 2, 3, 0x90, 0x00}}}
	g := NewGate(card)
	_, err := g.SelectApplication(t.Context())
	require.NoError(t, err)
	r, err := g.send(t.Context(), apdu(t, "00B0880000"))
	require.NoError(t, err)
	assert.Equal(t, []byte{1, 2, 3}, r.Data)
	assert.Equal(t, apdu(t, "00B0880003"), card.received[2])
}

// A card may report the length of its data only in answer to GET RESPONSE (ISO 7816-4).
func TestWrongLengthOfGetResponse(t *testing.T) {
	card := &scripted{replies: [][]byte{{0x90, 0x00}, {0x61, 0x00}, {0x6C, 0x02}, {1, 2, 0x90, 0x00}}}
	g := NewGate(card)
	_, err := g.SelectApplication(t.Context())
	require.NoError(t, err)
	r, err := g.ReadBinary(t.Context(), EFToken, 0, 0x20)
	require.NoError(t, err)
	assert.Equal(t, Response{Data: []byte{1, 2}, SW: SWOK}, r)
	assert.Equal(t, apdu(t, "00C0000002"), card.received[3])
	_, err = g.send(t.Context(), apdu(t, "00C0000002"))
	assert.ErrorAs(t, err, new(*RefusedError), "nothing more is held back")
}

func TestTypedCommands(t *testing.T) {
	card := &scripted{}
	g := NewGate(card)
	for _, c := range []struct {
		send func(context.Context) (Response, error)
		want string // "" for one that the gate refuses
	}{
		{func(ctx context.Context) (Response, error) { return g.RetryCounter(ctx, KeyLogin) }, ""},
		{g.SelectApplication, selectAP},
		{func(ctx context.Context) (Response, error) { return g.ReadBinary(ctx, EFToken, 0, 0x20) }, "00B0860020"},
		{func(ctx context.Context) (Response, error) { return g.ReadBinary(ctx, EFLoginCert, 0x100, ShortLe) }, ""},
		{func(ctx context.Context) (Response, error) { return g.ReadBinary(ctx, EFLoginCert, 0, ShortLe) }, "00B08A0000"},
		{func(ctx context.Context) (Response, error) { return g.ReadBinary(ctx, EFLoginCert, 0x124, 0x24) }, "00B0012424"},
		{func(ctx context.Context) (Response, error) { return g.ReadBinary(ctx, EFLoginCert, 0, ExtendedLe) }, "00B08A00000000"},
		{func(ctx context.Context) (Response, error) { return g.ReadBinary(ctx, EFLoginCert, 1, ExtendedLe) }, ""},
		{func(ctx context.Context) (Response, error) { return g.ReadBinary(ctx, EFLoginCert, 0, 0) }, ""},
		{func(ctx context.Context) (Response, error) { return g.ReadBinary(ctx, EFLoginCert, 0, 257) }, ""},
		{func(ctx context.Context) (Response, error) { return g.ReadBinary(ctx, EFLoginCert, -1, 1) }, ""},
		{func(ctx context.Context) (Response, error) { return g.ReadBinary(ctx, EFLoginCert, 0x8000, 1) }, ""},
		{func(ctx context.Context) (Response, error) { return g.ReadBinary(ctx, 0x0001, 0, 1) }, ""},
		{func(ctx context.Context) (Response, error) { return g.ReadBinary(ctx, EFLoginPIN, 0, 1) }, ""},
		{func(ctx context.Context) (Response, error) { return g.ReadBinary(ctx, 0x100|EFToken, 0, 1) }, ""},
		{func(ctx context.Context) (Response, error) { return g.RetryCounter(ctx, KeyLogin) }, "00200098"},
		{func(ctx context.Context) (Response, error) { return g.RetryCounter(ctx, KeyCurrent) }, ""},
		{func(ctx context.Context) (Response, error) { return g.SelectEF(ctx, EFSigningPIN) }, "00A4020C02001B"},
		{func(ctx context.Context) (Response, error) { return g.ReadBinary(ctx, EFSigningPIN, 0, 1) }, ""},
		{func(ctx context.Context) (Response, error) { return g.RetryCounter(ctx, KeyCurrent) }, "00200080"},
		{func(ctx context.Context) (Response, error) { return g.RetryCounter(ctx, 0x99) }, ""},
		{func(ctx context.Context) (Response, error) { return g.SelectEF(ctx, EFLoginCert) }, "00A4020C02000A"},
		{func(ctx context.Context) (Response, error) { return g.ReadBinary(ctx, EFLoginCert, 0, ShortLe) }, "00B0000000"},
		{func(ctx context.Context) (Response, error) { return g.SelectEF(ctx, 0x001A) }, ""},
	} {
		card.received = nil
		_, err := c.send(t.Context())
		if c.want == "" {
			assert.ErrorAs(t, err, new(*RefusedError))
			assert.Empty(t, card.received)
			continue
		}
		require.NoError(t, err, c.want)
		assert.Equal(t, [][]byte{apdu(t, c.want)}, card.received)
	}
}

// A transmitter that writes into the bytes of a command changes neither that command nor the next one.
func TestACommandCannotBeChanged(t *testing.T) {
	card := &meddling{}
	g := NewGate(card)
	for range 2 {
		_, err := g.SelectApplication(t.Context())
		require.NoError(t, err)
	}
	assert.Equal(t, [][]byte{apdu(t, selectAP), apdu(t, selectAP)}, card.received)
}

// meddling writes into the bytes of every command that it receives.
type meddling struct{ received [][]byte }

func (m *meddling) Transmit(_ context.Context, cmd Command) ([]byte, error) {
	for i := range cmd.Bytes() {
		cmd.Bytes()[i] = 0xFF
	}
	m.received = append(m.received, cmd.Bytes())
	return []byte{0x90, 0x00}, nil
}

func TestACardThatNeverEndsIsLeft(t *testing.T) {
	card := &scripted{replies: [][]byte{{0x90, 0x00}}}
	for range 2 * maxRounds {
		card.replies = append(card.replies, []byte{0x61, 0x10})
	}
	g := NewGate(card)
	_, err := g.SelectApplication(t.Context())
	require.NoError(t, err)
	r, err := g.send(t.Context(), apdu(t, "00B0860020"))
	require.NoError(t, err)
	assert.Equal(t, byte(0x61), r.SW.SW1())
}

func TestRepliesWithoutAStatusWord(t *testing.T) {
	for _, reply := range [][]byte{nil, {}, {0x90}} {
		g := NewGate(&scripted{replies: [][]byte{reply}})
		_, err := g.SelectApplication(t.Context())
		var short *ShortReplyError
		require.ErrorAs(t, err, &short)
		assert.Equal(t, len(reply), short.Length)
	}
}

func TestTransportErrorsPassThrough(t *testing.T) {
	broken := errors.New("broken")
	_, err := NewGate(&scripted{fail: broken}).SelectApplication(t.Context())
	assert.ErrorIs(t, err, broken)
}

func TestTries(t *testing.T) {
	for sw, want := range map[SW]int{0x63C0: 0, 0x63C3: 3, 0x63CF: 15, 0x6300: -1, 0x9000: -1, 0x64C3: -1} {
		n, ok := sw.Tries()
		assert.Equal(t, want >= 0, ok, sw.String())
		if ok {
			assert.Equal(t, want, n)
		}
	}
}

// FuzzGate checks that only commands on the allow-list reach the card, whatever is sent in whatever order.
func FuzzGate(f *testing.F) {
	for _, s := range []string{"00200098", "002000980431323334", "00B08A0000", "00A4020C020018", "00C0000010"} {
		f.Add(apdu(f, s), []byte{0x90, 0x00})
	}
	f.Fuzz(func(t *testing.T, cmd, reply []byte) {
		card := &scripted{replies: [][]byte{{0x90, 0x00}, reply}}
		g := NewGate(card)
		_, _ = g.SelectApplication(t.Context())
		_, _ = g.send(t.Context(), cmd)
		_, _ = g.send(t.Context(), cmd)
		for _, sent := range card.received {
			if sent[1] == 0x20 && len(sent) != 4 {
				t.Fatalf("a VERIFY with more than its header: % X", sent)
			}
			switch sent[1] {
			case 0xA4, 0xB0, 0x20, 0xC0:
			default:
				t.Fatalf("instruction %02X", sent[1])
			}
		}
	})
}

package pcsc

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	"etax-doctor/checks/smartcard/apdu"
	"etax-doctor/checks/smartcard/readername"
)

// Recorder is a System that records what real readers and cards do, for the field: no command's body, no reply's data.
type Recorder struct {
	System

	mu        sync.Mutex
	exchanges []Exchange
	cards     map[string]string
}

// Exchange is one call to a card.
type Exchange struct {
	Reader string `json:"reader"` // without a serial number
	// Command is CLA INS P1 P2 in hexadecimal, and of SELECT the identifier of the EF; "" for a connection.
	Command string `json:"command,omitempty"`
	// Reply is the status word, Length how many bytes of data came before it.
	Reply        string  `json:"reply,omitempty"`
	Length       int     `json:"length,omitempty"`
	Error        string  `json:"error,omitempty"` // a PC/SC code, or a word
	Milliseconds float64 `json:"milliseconds"`
}

// Exchanges are the calls so far.
func (r *Recorder) Exchanges() []Exchange {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Exchange{}, r.exchanges...)
}

// HistoricalBytes are those of the ATRs of the cards that were seen, in hexadecimal, by their readers. Those of another kind of
// card may name its issuer.
func (r *Recorder) HistoricalBytes() map[string]string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.cards)
}

// Establish implements System.
func (r *Recorder) Establish(ctx context.Context) (Context, error) {
	c, err := r.System.Establish(ctx)
	if err != nil {
		return nil, err
	}
	return recordedContext{c, r}, nil
}

type recordedContext struct {
	Context
	to *Recorder
}

func (c recordedContext) States(ctx context.Context, readers []string) ([]State, error) {
	states, err := c.Context.States(ctx, readers)
	for i, s := range states {
		if history := historicalBytes(s.ATR); len(history) > 0 {
			c.to.mu.Lock()
			if c.to.cards == nil {
				c.to.cards = map[string]string{}
			}
			c.to.cards[readername.Display(readers[i])] = fmt.Sprintf("%X", history)
			c.to.mu.Unlock()
		}
	}
	return states, err
}

func (c recordedContext) Connect(ctx context.Context, reader string) (Card, error) {
	start := time.Now()
	card, err := c.Context.Connect(ctx, reader)
	c.to.record(Exchange{Reader: readername.Display(reader)}, start, err)
	if err != nil {
		return nil, err
	}
	return recordedCard{card, readername.Display(reader), c.to}, nil
}

type recordedCard struct {
	Card
	reader string
	to     *Recorder
}

func (c recordedCard) Transmit(ctx context.Context, cmd apdu.Command) ([]byte, error) {
	start := time.Now()
	reply, err := c.Card.Transmit(ctx, cmd)
	header := cmd.Bytes()
	known := min(4, len(header))
	if len(header) >= 7 && header[1] == 0xA4 && header[2] == 0x02 && header[4] == 2 {
		known = 7 // two bytes, the same for all cards
	}
	e := Exchange{Reader: c.reader, Command: fmt.Sprintf("%X", header[:known])}
	if n := len(reply); n >= 2 {
		e.Reply, e.Length = fmt.Sprintf("%X", reply[n-2:]), n-2
	}
	c.to.record(e, start, err)
	return reply, err
}

func (r *Recorder) record(e Exchange, start time.Time, err error) {
	e.Milliseconds = float64(time.Since(start).Microseconds()) / 1000
	if code := CodeOf(err); code != 0 {
		e.Error = fmt.Sprintf("%08X", uint32(code))
	} else if err != nil {
		e.Error = "no answer"
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.exchanges = append(r.exchanges, e)
}

// historicalBytes returns those of an ATR (ISO 7816-3): the low half of T0 says how many there are, after the interface bytes.
func historicalBytes(atr []byte) []byte {
	if len(atr) < 2 {
		return nil
	}
	at, n := 2, int(atr[1]&0x0F)
	for more := atr[1] >> 4; more != 0; {
		next := byte(0)
		for bit := byte(1); bit <= 8; bit <<= 1 {
			if more&bit == 0 {
				continue
			}
			if bit == 8 && at < len(atr) {
				next = atr[at] >> 4
			}
			at++
		}
		more = next
	}
	if at+n > len(atr) {
		return nil
	}
	return atr[at : at+n]
}

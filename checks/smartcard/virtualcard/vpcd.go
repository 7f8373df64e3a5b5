package virtualcard

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"time"
)

// Control messages of the vpcd protocol (vsmartcard, doc/api.txt): a message of one byte from the reader.
const (
	vpcdOff   = 0x00
	vpcdOn    = 0x01
	vpcdReset = 0x02
	vpcdATR   = 0x04
)

// Insert puts the card into the vpcd reader that listens at addr and answers the reader until ctx ends; then the card
// is taken off again. It waits until the reader listens.
func (c *Card) Insert(ctx context.Context, addr string) error {
	conn, err := dial(ctx, addr)
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	defer conn.Close()
	err = c.serve(conn)
	if ctx.Err() != nil || errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

func dial(ctx context.Context, addr string) (*net.TCPConn, error) {
	retry := time.NewTicker(5 * time.Millisecond)
	defer retry.Stop()
	for {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
		if err == nil {
			return conn.(*net.TCPConn), nil
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-retry.C:
		}
	}
}

func (c *Card) serve(conn *net.TCPConn) error {
	var length [2]byte
	for {
		if err := readQuickly(conn, length[:]); err != nil {
			return err
		}
		message := make([]byte, binary.BigEndian.Uint16(length[:]))
		if err := readQuickly(conn, message); err != nil {
			return err
		}
		if len(message) > 1 && c.takenOff() {
			return io.EOF
		}
		if len(message) > 1 {
			time.Sleep(c.profile.Delay)
		}
		reply, ok := c.vpcdReply(message)
		if !ok {
			continue
		}
		framed := append(binary.BigEndian.AppendUint16(nil, uint16(len(reply))), reply...)
		if _, err := conn.Write(framed); err != nil {
			return err
		}
	}
}

func (c *Card) takenOff() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.profile.TakenOffAt > 0 && len(c.record) >= c.profile.TakenOffAt
}

// vpcdReply handles one message. The ATR request is also the reader's presence poll, which arrives between APDUs:
// it must not change the card's state.
func (c *Card) vpcdReply(message []byte) (reply []byte, ok bool) {
	if len(message) != 1 {
		return c.Transmit(message), true
	}
	switch message[0] {
	case vpcdOn:
		c.PowerUp()
	case vpcdReset:
		c.Reset()
	case vpcdATR:
		return c.ATR(), true
	case vpcdOff:
	}
	return nil, false
}

// readQuickly fills p. vpcd writes length and body separately, so without TCP_QUICKACK every command waits about 44 ms
// for a delayed ACK. The option is not permanent, so it is set before each read.
func readQuickly(conn *net.TCPConn, p []byte) error {
	for n := 0; n < len(p); {
		quickACK(conn)
		m, err := conn.Read(p[n:])
		if err != nil {
			return err
		}
		n += m
	}
	return nil
}

// Package nativemsg frames native messages as Chrome and Edge do: four bytes of length in native byte order, then
// that many bytes of JSON.
package nativemsg

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
)

const (
	// MaxIn is the longest message accepted from the browser, which itself would send up to 64 MiB.
	MaxIn = 64 << 10
	// MaxOut is the longest message the browser accepts; one byte more and it closes the port.
	MaxOut = 1 << 20
)

// TooLargeError says that a frame's length is over the limit. The stream cannot be trusted after it.
type TooLargeError struct{ Length uint32 }

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("a message of %d bytes, the limit is %d", e.Length, MaxIn)
}

// ErrTruncated says that the stream ended inside a frame.
var ErrTruncated = errors.New("the stream ended inside a message")

// Read returns the next message. It returns io.EOF at a clean end, ErrTruncated or a *TooLargeError.
func Read(r io.Reader) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, truncated(err)
	}
	length := binary.NativeEndian.Uint32(head[:])
	if length > MaxIn {
		return nil, &TooLargeError{Length: length}
	}
	message := make([]byte, length)
	if _, err := io.ReadFull(r, message); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, ErrTruncated
		}
		return nil, truncated(err)
	}
	return message, nil
}

func truncated(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrTruncated
	}
	return err
}

// Writer writes messages; it may be used by several goroutines.
type Writer struct {
	mu sync.Mutex
	w  io.Writer
}

// NewWriter returns a Writer on w, which nothing else may write to.
func NewWriter(w io.Writer) *Writer { return &Writer{w: w} }

// Write sends v as one message.
func (w *Writer) Write(v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if len(body) > MaxOut {
		return fmt.Errorf("a message of %d bytes to the browser, the limit is %d", len(body), MaxOut)
	}
	frame := make([]byte, 4, 4+len(body))
	binary.NativeEndian.PutUint32(frame, uint32(len(body)))
	w.mu.Lock()
	defer w.mu.Unlock()
	_, err = w.w.Write(append(frame, body...))
	return err
}

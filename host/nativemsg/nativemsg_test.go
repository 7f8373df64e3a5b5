package nativemsg

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func frame(body string) []byte {
	return append(binary.NativeEndian.AppendUint32(nil, uint32(len(body))), body...)
}

func TestRead(t *testing.T) {
	r := bytes.NewReader(append(frame(`{"a":1}`), frame("")...))
	for _, want := range []string{`{"a":1}`, ""} {
		message, err := Read(r)
		require.NoError(t, err)
		assert.Equal(t, want, string(message))
	}
	_, err := Read(r)
	assert.ErrorIs(t, err, io.EOF)
}

func TestReadFromASlowPipe(t *testing.T) {
	message, err := Read(&oneByteAtATime{frame("hello")})
	require.NoError(t, err)
	assert.Equal(t, "hello", string(message))
}

type oneByteAtATime struct{ rest []byte }

func (o *oneByteAtATime) Read(p []byte) (int, error) {
	if len(o.rest) == 0 {
		return 0, io.EOF
	}
	p[0], o.rest = o.rest[0], o.rest[1:]
	return 1, nil
}

func TestBadFrames(t *testing.T) {
	for name, c := range map[string]struct {
		in   []byte
		want error
	}{
		"half a length":              {[]byte{1, 0}, ErrTruncated},
		"no body":                    {binary.NativeEndian.AppendUint32(nil, 5), ErrTruncated},
		"half a body":                {frame("hello")[:6], ErrTruncated},
		"plain text":                 {[]byte("Starting host..."), new(TooLargeError)},
		"one byte over the limit":    {binary.NativeEndian.AppendUint32(nil, MaxIn+1), new(TooLargeError)},
		"the largest length of them": {[]byte{0xFF, 0xFF, 0xFF, 0xFF}, new(TooLargeError)},
	} {
		_, err := Read(bytes.NewReader(c.in))
		var tooLarge *TooLargeError
		if errors.As(c.want, &tooLarge) {
			assert.ErrorAs(t, err, &tooLarge, name)
		} else {
			assert.ErrorIs(t, err, c.want, name)
		}
	}
	exact := strings.Repeat(" ", MaxIn)
	message, err := Read(bytes.NewReader(frame(exact)))
	require.NoError(t, err)
	assert.Len(t, message, MaxIn)
}

func TestWriterRefusesWhatTheBrowserWould(t *testing.T) {
	var out bytes.Buffer
	require.Error(t, NewWriter(&out).Write(strings.Repeat("x", MaxOut)))
	assert.Zero(t, out.Len(), "nothing is written in part")
	require.Error(t, NewWriter(&out).Write(func() {}))
}

func TestWriterKeepsMessagesWhole(t *testing.T) {
	var out bytes.Buffer
	w := NewWriter(&out)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() { assert.NoError(t, w.Write(strings.Repeat("y", 1000))) })
	}
	wg.Wait()
	for range 50 {
		message, err := Read(&out)
		require.NoError(t, err)
		require.Len(t, message, 1002)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(frame(`{"type":"bye"}`))
	f.Add([]byte{0xFF, 0xFF, 0xFF, 0x7F})
	f.Fuzz(func(t *testing.T, in []byte) {
		r := bytes.NewReader(in)
		for {
			message, err := Read(r)
			if err != nil {
				return
			}
			if len(message) > MaxIn {
				t.Fatal("over the limit")
			}
		}
	})
}

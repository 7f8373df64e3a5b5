package session

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sirupsen/logrus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"etax-doctor/checks"
	"etax-doctor/checks/facts"
	"etax-doctor/checks/simulate"
	"etax-doctor/checks/smartcard/pcsc"
	"etax-doctor/host/nativemsg"
	"etax-doctor/host/repair"
)

// browser plays the browser's side of a session.
type browser struct {
	t    *testing.T
	in   *io.PipeWriter
	out  *io.PipeReader
	done chan error
	log  *bytes.Buffer
}

func open(t *testing.T, machine checks.Machine) *browser {
	t.Helper()
	hostIn, in := io.Pipe()
	out, hostOut := io.Pipe()
	log := logrus.New()
	b := &browser{t: t, in: in, out: out, done: make(chan error, 1), log: &bytes.Buffer{}}
	log.SetOutput(b.log)
	s := &Session{In: hostIn, Out: hostOut, Machine: machine, Log: log,
		Repair: func(_ context.Context, a repair.Action) repair.Outcome { return repair.Outcome("done: " + a) }}
	go func() {
		err := s.Serve(context.Background())
		hostOut.Close()
		b.done <- err
	}()
	hello := b.receive()
	require.Equal(t, "hello", hello["type"], "the host speaks first")
	require.EqualValues(t, 1, hello["protocol"])
	return b
}

func simulated(t *testing.T, name string) checks.Machine {
	t.Helper()
	m, _, ok := simulate.New(name, time.Now())
	require.True(t, ok)
	return m
}

func (b *browser) send(body string) {
	b.t.Helper()
	_, err := b.in.Write(frame(body))
	require.NoError(b.t, err)
}

func frame(body string) []byte {
	return append(binary.NativeEndian.AppendUint32(nil, uint32(len(body))), body...)
}

func (b *browser) receive() map[string]any {
	b.t.Helper()
	message, err := b.next()
	require.NoError(b.t, err)
	return message
}

func (b *browser) next() (message map[string]any, err error) {
	var head [4]byte
	if _, err := io.ReadFull(b.out, head[:]); err != nil {
		return nil, err
	}
	body := make([]byte, binary.NativeEndian.Uint32(head[:]))
	if _, err := io.ReadFull(b.out, body); err != nil {
		return nil, err
	}
	return message, json.Unmarshal(body, &message)
}

func (b *browser) end() error {
	b.t.Helper()
	select {
	case err := <-b.done:
		return err
	case <-time.After(2 * time.Minute):
		b.t.Fatal("the session did not end")
		return nil
	}
}

func (b *browser) requireError(code, id string) {
	b.t.Helper()
	m := b.receive()
	require.Equal(b.t, "error", m["type"])
	require.Equal(b.t, code, m["error"].(map[string]any)["code"])
	if id == "" {
		require.NotContains(b.t, m, "id")
	} else {
		require.Equal(b.t, id, m["id"])
	}
}

// A signal ends the session as the browser does: the running requests end and nothing more is written. An input that
// stays open does not delay the end, and an output that nobody reads does so only for a short time.
func TestTheSessionEndsWithItsContext(t *testing.T) {
	for name, read := range map[string]bool{"the output is read": true, "nobody reads it": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			hostIn, in := io.Pipe()
			defer in.Close()
			out, hostOut := io.Pipe()
			defer out.Close()
			ctx, cancel := context.WithCancel(t.Context())
			machine := simulated(t, "healthy")
			looking := make(chan struct{})
			var gaveBack atomic.Bool
			real := machine.PCSC
			machine.PCSC = systemFunc(func(ctx context.Context) (pcsc.Context, error) {
				close(looking)
				<-ctx.Done()
				gaveBack.Store(true)
				return real.Establish(ctx)
			})
			log := logrus.New()
			log.SetOutput(io.Discard)
			input := io.MultiReader(bytes.NewReader(frame(`{"type":"diagnose","id":"1","only":["reader"]}`)), hostIn)
			ended := make(chan error)
			go func() {
				ended <- (&Session{In: input, Out: hostOut, Machine: machine, Log: log}).Serve(ctx)
			}()
			b := &browser{t: t, out: out}
			require.Equal(t, "hello", b.receive()["type"])
			require.Equal(t, "started", b.receive()["state"])
			var last atomic.Value
			if read {
				go func() {
					for m, err := b.next(); err == nil; m, err = b.next() {
						last.Store(m["type"])
					}
				}()
				<-looking
			}
			cancel()
			require.NoError(t, <-ended)
			if read {
				assert.True(t, gaveBack.Load())
				assert.NotEqual(t, "report", last.Load())
			}
		})
	}
}

type systemFunc func(context.Context) (pcsc.Context, error)

func (f systemFunc) Establish(ctx context.Context) (pcsc.Context, error) { return f(ctx) }

func TestDiagnose(t *testing.T) {
	b := open(t, simulated(t, "expired"))
	b.send(`{"type":"diagnose","id":"a"}`)
	seen := map[string]int{}
	for {
		m := b.receive()
		require.Equal(t, "a", m["id"])
		kind := m["type"].(string)
		seen[kind]++
		if kind != "report" {
			continue
		}
		report := m["report"].(map[string]any)
		assert.Equal(t, "certificate.expired", report["verdict"].(map[string]any)["code"])
		assert.Len(t, report["findings"], seen["finding"], "the report holds what was streamed")
		assert.Contains(t, report, "facts")
		assert.Contains(t, report["timings"], "card")
		break
	}
	assert.Equal(t, 14, seen["progress"], "start and end of seven probes")
	assert.Greater(t, seen["finding"], 4)
	b.send(`{"type":"bye","id":"b"}`)
	assert.Equal(t, map[string]any{"type": "bye", "id": "b"}, b.receive())
	assert.NoError(t, b.end())
}

func TestOnly(t *testing.T) {
	b := open(t, simulated(t, "healthy"))
	b.send(`{"type":"diagnose","id":"a","only":["system"]}`)
	for {
		m := b.receive()
		if m["type"] == "finding" {
			assert.Equal(t, "system", m["finding"].(map[string]any)["layer"])
		}
		if m["type"] == "report" {
			return
		}
	}
}

// Apps are judged for the browser that asks.
func TestTheBrowserThatAsks(t *testing.T) {
	m := simulated(t, "healthy")
	m.App = func(context.Context) *facts.App {
		return &facts.App{OS: "windows", Browsers: []string{"chrome", "edge"}, Registrations: []facts.Registration{
			{Host: "jp.go.cao.mpa", Browser: "edge", Level: facts.LevelSystem, State: facts.RegistrationOK}}}
	}
	for browser, want := range map[string]string{"chrome": "app.mynaportal-other-browser", "edge": "verdict.all-fine", "a newer one": "verdict.all-fine", "": "verdict.all-fine"} {
		t.Run(browser, func(t *testing.T) {
			b := open(t, m)
			b.send(`{"type":"diagnose","id":"a","browser":"` + browser + `"}`)
			for {
				if m := b.receive(); m["type"] == "report" {
					assert.Equal(t, want, m["report"].(map[string]any)["verdict"].(map[string]any)["code"])
					return
				}
			}
		})
	}
}

// Only the report contains texts, in the requested language; without a language it has none.
func TestLanguage(t *testing.T) {
	for language, want := range map[string]any{"ja": "カードリーダーが見つかりません", "en": "No card reader was found", "fr": nil, "": nil} {
		t.Run(language, func(t *testing.T) {
			b := open(t, simulated(t, "no-reader"))
			b.send(`{"type":"diagnose","id":"a","language":"` + language + `"}`)
			for {
				m := b.receive()
				if f, ok := m["finding"].(map[string]any); ok {
					assert.ElementsMatch(t, []string{"code", "status", "layer"}, slices.Collect(maps.Keys(f)))
				}
				if m["type"] == "report" {
					for _, f := range m["report"].(map[string]any)["findings"].([]any) {
						if f := f.(map[string]any); f["code"] == "reader.none" {
							assert.Equal(t, want, f["title"])
							assert.Equal(t, want != nil, f["steps"] != nil)
						}
					}
					assert.Equal(t, want, m["report"].(map[string]any)["verdict"].(map[string]any)["title"])
					return
				}
			}
		})
	}
}

func TestRepair(t *testing.T) {
	b := open(t, simulated(t, "no-reader"))
	b.send(`{"type":"repair","id":"r","action":"start-service"}`)
	assert.Equal(t, map[string]any{"type": "repaired", "id": "r", "action": "start-service", "outcome": "done: start-service"}, b.receive())
}

// A message that cannot be served gets a typed error, and the session goes on.
func TestRefusals(t *testing.T) {
	for name, c := range map[string]struct{ body, code, id string }{
		"empty":                {"", "bad-json", ""},
		"not JSON":             {"{", "bad-json", ""},
		"text":                 {"hello", "bad-json", ""},
		"a number":             {"5", "bad-request", ""},
		"a list":               {"[]", "bad-request", ""},
		"null":                 {"null", "bad-request", ""},
		"no type":              {`{"id":"a"}`, "unknown-type", "a"},
		"no id":                {`{"type":"diagnose"}`, "bad-request", ""},
		"an id of numbers":     {`{"type":"diagnose","id":7}`, "bad-request", ""},
		"a long id":            {`{"type":"diagnose","id":"` + strings.Repeat("x", 65) + `"}`, "bad-request", ""},
		"an unknown type":      {`{"type":"format-disk","id":"a"}`, "unknown-type", "a"},
		"a browser of numbers": {`{"type":"diagnose","id":"a","browser":7}`, "bad-request", ""},
		"a type of numbers":    {`{"type":1,"id":"a"}`, "bad-request", ""},
		"an unknown layer":     {`{"type":"diagnose","id":"a","only":["moon"]}`, "bad-request", "a"},
		"layers not a list":    {`{"type":"diagnose","id":"a","only":"card"}`, "bad-request", ""},
		"flag of wrong type":   {`{"type":"diagnose","id":"a","loginInFlight":"yes"}`, "bad-request", ""},
		"an unknown repair":    {`{"type":"repair","id":"a","action":"format-disk"}`, "bad-request", "a"},
		"no repair":            {`{"type":"repair","id":"a"}`, "bad-request", "a"},
		"deeply nested":        {strings.Repeat("[", 20000), "bad-json", ""},
	} {
		t.Run(name, func(t *testing.T) {
			b := open(t, simulated(t, "no-reader"))
			b.send(c.body)
			b.requireError(c.code, c.id)
			b.send(`{"type":"bye","id":"z"}`)
			assert.Equal(t, "bye", b.receive()["type"])
			assert.NoError(t, b.end())
			if long := strings.Repeat("x", 20); strings.Contains(c.body, long) {
				assert.NotContains(t, b.log.String(), long, "what the browser sends is not logged")
			}
		})
	}
}

func TestTooLargeEndsTheSession(t *testing.T) {
	b := open(t, simulated(t, "healthy"))
	_, err := b.in.Write(binary.NativeEndian.AppendUint32(nil, nativemsg.MaxIn+1))
	require.NoError(t, err)
	b.requireError("too-large", "")
	assert.Error(t, b.end())
	assert.Contains(t, b.log.String(), "too large")
}

func TestTruncatedEndsTheSession(t *testing.T) {
	b := open(t, simulated(t, "healthy"))
	_, err := b.in.Write([]byte{10, 0, 0, 0, '{'})
	require.NoError(t, err)
	b.in.Close()
	assert.ErrorIs(t, b.end(), nativemsg.ErrTruncated)
	assert.Contains(t, b.log.String(), "ended inside a message")
}

func TestTheEndOfInputIsACleanEnd(t *testing.T) {
	b := open(t, simulated(t, "healthy"))
	b.in.Close()
	assert.NoError(t, b.end())
}

// hanging is a machine whose service probe does not return until it is released.
func hanging(t *testing.T) (m checks.Machine, release func()) {
	m = simulated(t, "healthy")
	gate := make(chan struct{})
	m.Service = func(ctx context.Context) *facts.Service {
		<-gate
		return nil
	}
	return m, func() { close(gate) }
}

func TestASecondDiagnosisIsBusy(t *testing.T) {
	m, release := hanging(t)
	b := open(t, m)
	b.send(`{"type":"diagnose","id":"a"}`)
	require.Equal(t, "progress", b.receive()["type"])
	answered := make(chan struct{})
	go func() {
		b.send(`{"type":"diagnose","id":"b"}`)
		close(answered)
	}()
	for {
		m := b.receive()
		if m["type"] == "error" {
			assert.Equal(t, "b", m["id"])
			assert.Equal(t, "busy", m["error"].(map[string]any)["code"])
			break
		}
	}
	<-answered
	release()
	for b.receive()["type"] != "report" {
	}
	b.send(`{"type":"diagnose","id":"c"}`)
	assert.Equal(t, "c", b.receive()["id"], "and the next one is served")
}

func TestWatchUntilCancelled(t *testing.T) {
	b := open(t, simulated(t, "healthy"))
	b.send(`{"type":"watch","id":"w"}`)
	for _, want := range []string{"reader-added", "card-inserted"} {
		m := b.receive()
		assert.Equal(t, "event", m["type"])
		assert.Equal(t, "w", m["id"])
		assert.Equal(t, map[string]any{"kind": want, "reader": "SONY FeliCa RC-S300/P"}, m["event"])
	}
	b.send(`{"type":"watch","id":"x"}`)
	b.requireError("busy", "x")
	b.send(`{"type":"diagnose","id":"w"}`)
	b.requireError("bad-request", "w")
	b.send(`{"type":"diagnose","id":"d"}`)
	for b.receive()["type"] != "report" {
	}
	b.send(`{"type":"cancel","id":"x"}`)
	b.requireError("bad-request", "x")
	b.send(`{"type":"cancel","id":"w"}`)
	assert.Equal(t, map[string]any{"type": "cancelled", "id": "w"}, b.receive())
	b.in.Close()
	assert.NoError(t, b.end())
}

func TestAWatchEndsWithTheInput(t *testing.T) {
	b := open(t, simulated(t, "no-card"))
	b.send(`{"type":"watch","id":"w"}`)
	assert.Equal(t, "reader-added", b.receive()["event"].(map[string]any)["kind"])
	b.in.Close()
	assert.NoError(t, b.end())
}

func TestTheEndDoesNotWaitForAHangingProbe(t *testing.T) {
	m, release := hanging(t)
	defer release()
	b := open(t, m)
	b.send(`{"type":"diagnose","id":"a"}`)
	require.Equal(t, "progress", b.receive()["type"])
	b.in.Close()
	go func() { _, _ = io.Copy(io.Discard, b.out) }()
	assert.NoError(t, b.end())
}

func TestABrowserThatStopsListening(t *testing.T) {
	b := open(t, simulated(t, "healthy"))
	b.out.CloseWithError(errors.New("gone"))
	b.send(`{"type":"bye","id":"a"}`)
	assert.Error(t, b.end())
}

func TestOrigins(t *testing.T) {
	var out bytes.Buffer
	s := &Session{Out: &out, Log: logrus.New()}
	s.Log.(*logrus.Logger).SetOutput(io.Discard)
	require.NoError(t, s.Refuse())
	assert.Contains(t, out.String(), "forbidden-origin")
	assert.True(t, AllowedOrigin("chrome-extension://bmjafpdhjlcalooijodcgpkecebphblc/"))
	for _, o := range []string{"", "chrome-extension://", "chrome-extension://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/",
		"chrome-extension://bmjafpdhjlcalooijodcgpkecebphblc/x", "https://bmjafpdhjlcalooijodcgpkecebphblc/"} {
		assert.False(t, AllowedOrigin(o), o)
	}
}

func FuzzMessage(f *testing.F) {
	f.Add([]byte(`{"type":"diagnose","id":"a","only":["card"]}`))
	f.Add([]byte(`{"type":1}`))
	f.Fuzz(func(t *testing.T, message []byte) {
		r, refused := parse(message)
		if refused == nil && (r.ID == "" || len(r.ID) > maxID) {
			t.Fatalf("accepted with id %q", r.ID)
		}
	})
}

// Package session serves one browser port: hello first, then requests until bye or the end of the input.
package session

import (
	"context"
	"errors"
	"io"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/sirupsen/logrus"

	"etax-doctor/checks"
	"etax-doctor/checks/bridge"
	"etax-doctor/checks/finding"
	"etax-doctor/checks/platform"
	"etax-doctor/checks/smartcard/pcsc"
	"etax-doctor/checks/smartcard/watch"
	"etax-doctor/checks/symptom"
	"etax-doctor/host/field"
	"etax-doctor/host/nativemsg"
	"etax-doctor/host/repair"
	"etax-doctor/host/report"
	"etax-doctor/host/texts"
	"etax-doctor/host/version"
	"etax-doctor/manifests"
)

// Session is one conversation with one extension.
type Session struct {
	In      io.Reader
	Out     io.Writer
	Machine checks.Machine
	Log     logrus.FieldLogger
	// Repair does a repair that the person has asked for.
	Repair func(context.Context, repair.Action) repair.Outcome
}

// Refuse answers an extension that the host does not know. Chrome checks the manifest's allowed_origins before it starts
// the host; this check still works if somebody has edited the manifest.
func (s *Session) Refuse() error {
	s.Log.Warn("an extension with an unknown id was refused")
	return nativemsg.NewWriter(s.Out).Write(errorMessage{Type: "error", Error: &Refusal{
		Code: ForbiddenOrigin, Message: "this extension is not in the list of allowed origins"}})
}

// AllowedOrigin reports whether origin, as the browser passes it in argv[1], is one of our extensions.
func AllowedOrigin(origin string) bool { return slices.Contains(manifests.AllowedOrigins(), origin) }

// endDeadline is how long the running requests may take to end. A reading releases the card sooner; but a write to an
// output that nobody reads can block for ever.
const endDeadline = 5 * time.Second

func waitFor(running *sync.WaitGroup, most time.Duration) {
	ended := make(chan struct{})
	go func() {
		running.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(most):
	}
}

// Serve returns when the browser says bye or closes the port, when ctx ends, or when the input can no longer be trusted.
// By then the running requests have ended, or endDeadline has passed, and nothing more is written. An error means only
// that the session did not end cleanly.
func (s *Session) Serve(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer func() {
		cancel()
		waitFor(&running, endDeadline)
	}()

	out := nativemsg.NewWriter(s.Out)
	jobs := &jobs{running: map[string]job{}}
	send := func(v any) {
		if ctx.Err() != nil {
			return
		}
		if err := out.Write(v); err != nil && ctx.Err() == nil {
			s.Log.Warn("a message could not be sent: " + err.Error())
		}
	}
	if err := out.Write(hello{Type: "hello", Protocol: version.Protocol, Version: version.Version,
		OS: runtime.GOOS, Arch: runtime.GOARCH}); err != nil {
		return err
	}
	arrivals := s.listen(ctx)
	for {
		var message []byte
		var err error
		select {
		case <-ctx.Done():
			return nil
		case a := <-arrivals:
			message, err = a.message, a.err
		}
		var tooLarge *nativemsg.TooLargeError
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.As(err, &tooLarge):
			s.Log.WithField("length", tooLarge.Length).Warn("the session ended: a message is too large")
			_ = out.Write(errorMessage{Type: "error", Error: &Refusal{Code: TooLarge, Message: err.Error()}})
			return err
		case err != nil:
			s.Log.Warn("the session ended: " + err.Error())
			return err
		}
		r, refused := parse(message)
		var work work
		if refused == nil {
			work, refused = s.work(r, send)
		}
		switch {
		case refused != nil:
		case r.Type == "bye":
			return out.Write(bye{Type: "bye", ID: r.ID})
		case r.Type == "cancel":
			refused = jobs.cancel(r.ID)
		default:
			refused = jobs.start(ctx, &running, r, work, send)
		}
		if refused != nil {
			s.Log.WithField("code", refused.Code).Warn("a message was refused")
			if err := out.Write(errorMessage{Type: "error", ID: r.ID, Error: refused}); err != nil {
				return err
			}
		}
	}
}

// arrival is one message from the browser, or the error that ended the input.
type arrival struct {
	message []byte
	err     error
}

// listen reads messages up to the first error. A read of the input cannot be interrupted, so its goroutine may stay
// blocked after ctx has ended.
func (s *Session) listen(ctx context.Context) <-chan arrival {
	arrivals := make(chan arrival)
	go func() {
		for {
			message, err := nativemsg.Read(s.In)
			select {
			case arrivals <- arrival{message, err}:
			case <-ctx.Done():
				return
			}
			if err != nil {
				return
			}
		}
	}()
	return arrivals
}

// work returns the function that serves a request while further requests are read, or nil if the request needs none.
func (s *Session) work(r request, send func(any)) (work, *Refusal) {
	switch r.Type {
	case "bye", "cancel":
		return nil, nil
	case "watch":
		return func(ctx context.Context) any { return s.watch(ctx, r, send) }, nil
	case "repair":
		if !repair.Known(r.Action) {
			return nil, &Refusal{Code: BadRequest, Message: "action is none of protocol 1"}
		}
		return func(ctx context.Context) any {
			outcome := s.Repair(ctx, r.Action)
			s.Log.WithFields(logrus.Fields{"action": r.Action, "outcome": outcome}).Info("repaired")
			return repairedMessage{Type: "repaired", ID: r.ID, Action: r.Action, Outcome: outcome}
		}, nil
	case "diagnose":
		for _, layer := range r.Only {
			if !slices.Contains(checks.Layers(), layer) {
				return nil, &Refusal{Code: BadRequest, Message: "only names a layer that the host cannot check"}
			}
		}
		return func(ctx context.Context) any { return s.diagnose(ctx, r, send) }, nil
	}
	return nil, &Refusal{Code: UnknownType, Message: "the type of the message is none of protocol 1"}
}

// watch streams events until the browser cancels it, and returns the answer to that; at the session's end, nil.
func (s *Session) watch(ctx context.Context, r request, send func(any)) any {
	catalog := s.texts(r.Language)
	watch.Run(ctx, s.Machine.PCSC, func(e watch.Event) {
		message := event{Event: e}
		if catalog != nil {
			message.Text = catalog.Event(string(e.Kind), e.Reader)
		}
		send(eventMessage{Type: "event", ID: r.ID, Event: message})
	})
	if context.Cause(ctx) == errCancelled {
		return bye{Type: "cancelled", ID: r.ID}
	}
	return nil
}

// knownBrowser returns the id of a browser in the table, and "" for any other one, such as from a newer extension.
func knownBrowser(browser string) string {
	if slices.ContainsFunc(manifests.Browsers(), func(b manifests.Browser) bool { return b.ID == browser }) {
		return browser
	}
	return ""
}

// texts returns the texts of a language, or nil if it is not one of ours: then only codes and arguments are sent.
func (s *Session) texts(language string) *texts.Catalog {
	if !slices.Contains(texts.Languages, language) {
		return nil
	}
	catalog, err := texts.Load(language)
	if err != nil {
		s.Log.WithError(err).Error("texts")
		return nil
	}
	return catalog
}

func (s *Session) diagnose(ctx context.Context, r request, send func(any)) any {
	start := time.Now()
	catalog := s.texts(r.Language)
	machine, recorder := s.Machine, &pcsc.Recorder{}
	if r.Field {
		recorder.System, machine.PCSC = machine.PCSC, recorder
	}
	result := checks.Run(ctx, machine, checks.Options{
		Only:          r.Only,
		LoginInFlight: r.LoginInFlight,
		Unasked:       r.Unasked,
		Browser:       knownBrowser(r.Browser),
		Bridge:        bridge.HostOf(r.Bridge),
		ClockAhead:    r.ClockAhead,
		Symptoms:      symptom.Find(r.Symptom),
		OnProgress:    func(p checks.Progress) { send(progressOf(r.ID, p)) },
		OnFinding: func(f finding.Finding) {
			send(findingMessage{Type: "finding", ID: r.ID, Finding: findingSummary{f.Code, f.Status, f.Layer}})
		},
	})
	if ctx.Err() != nil {
		return nil
	}
	s.Log.WithFields(logrus.Fields{"verdict": result.Verdict.Code, "ms": time.Since(start).Milliseconds()}).Info("diagnosed")
	answer := reportMessage{Type: "report", ID: r.ID, Report: report.OnScreen(result, catalog, time.Now())}
	if r.Field {
		answer.Field = field.New(ctx, report.New(result, catalog, time.Now()), recorder, platform.This())
	}
	return answer
}

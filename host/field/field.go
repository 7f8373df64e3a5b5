// Package field makes the record of what a real computer, reader and card tell that no document does.
package field

import (
	"context"
	"maps"
	"slices"
	"time"

	"etax-doctor/checks/bounded"
	"etax-doctor/checks/bridge"
	"etax-doctor/checks/facts"
	"etax-doctor/checks/platform"
	"etax-doctor/checks/smartcard/pcsc"
	"etax-doctor/host/report"
)

// schema marks a field record; testdata/FIELD.md says what is looked for in it.
const schema = "etax-doctor.field/1"

// Record holds nothing personal, but ids, names of products, status words and times.
type Record struct {
	Schema string         `json:"schema"`
	Report *report.Report `json:"report"`
	// Registrations are those of the known bridges.
	Registrations []bridge.Seen `json:"registrations"`
	// Exchanges are the calls to the cards of this check, HistoricalBytes those of the cards' ATRs, by reader.
	Exchanges       []pcsc.Exchange   `json:"exchanges"`
	HistoricalBytes map[string]string `json:"historicalBytes"`
	// Services are the changes of Windows' services while a reader was plugged in.
	Services []ServiceChange `json:"services,omitempty"`
}

// ServiceChange is what Windows' services were from a moment on.
type ServiceChange struct {
	Milliseconds int64                  `json:"milliseconds"` // since the start
	Windows      []facts.WindowsService `json:"windows"`
}

const (
	// plugTime is how long the services are watched, while the person plugs in a reader.
	plugTime     = 10 * time.Second
	plugInterval = 200 * time.Millisecond
)

// registrationsDeadline bounds the look at the registrations: a manifest may be on a network drive that does not answer.
const registrationsDeadline = 5 * time.Second

// New adds to a report what the recorder and this computer tell. Without a recorded system (a simulation, a saved file) there is
// only the report, which must be one that may be kept.
func New(ctx context.Context, r *report.Report, recorder *pcsc.Recorder, computer *platform.Computer) *Record {
	f := &Record{Schema: schema, Report: r, Registrations: []bridge.Seen{}, Exchanges: []pcsc.Exchange{}}
	if recorder.System == nil {
		return f
	}
	f.Exchanges, f.HistoricalBytes = recorder.Exchanges(), recorder.HistoricalBytes()
	maps.DeleteFunc(f.HistoricalBytes, func(reader, _ string) bool { // another card is none of our business
		return r.Facts.PCSC == nil || !slices.ContainsFunc(r.Facts.PCSC.Readers, func(x facts.Reader) bool {
			return x.Name == reader && x.Card != nil && x.Card.Outcome == facts.CardRead
		})
	})
	ctx, cancel := context.WithTimeout(ctx, registrationsDeadline)
	defer cancel()
	if seen, err := bounded.Call(ctx, 0, func() ([]bridge.Seen, error) { return bridge.EverythingSeen(computer), nil }, nil); err == nil {
		f.Registrations = append(f.Registrations, seen...)
	}
	return f
}

// WatchServices notes the changes of the services while a person plugs in a reader.
func WatchServices(ctx context.Context, service func(context.Context) *facts.Service) (changes []ServiceChange) {
	for start := time.Now(); time.Since(start) < plugTime && ctx.Err() == nil; time.Sleep(plugInterval) {
		now := service(ctx).Windows
		if len(changes) == 0 || !slices.Equal(now, changes[len(changes)-1].Windows) {
			changes = append(changes, ServiceChange{time.Since(start).Milliseconds(), now})
		}
	}
	return changes
}

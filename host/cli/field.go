package cli

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"etax-doctor/checks/bridge"
	"etax-doctor/checks/facts"
	"etax-doctor/checks/platform"
	"etax-doctor/checks/smartcard/pcsc"
	"etax-doctor/host/report"
)

// fieldSchema marks a field record; testdata/FIELD.md says what is looked for in it.
const fieldSchema = "etax-doctor.field/1"

// field is what a real computer, reader and card tell that no document does: nothing personal, but ids, names of products,
// status words and times.
type field struct {
	Schema string         `json:"schema"`
	Report *report.Report `json:"report"`
	// Registrations are those of the known bridges.
	Registrations []bridge.Seen `json:"registrations"`
	// Exchanges are the calls to the cards of this check, HistoricalBytes those of the cards' ATRs, by reader.
	Exchanges       []pcsc.Exchange   `json:"exchanges"`
	HistoricalBytes map[string]string `json:"historicalBytes"`
	// Services are the changes of Windows' services while a reader was plugged in.
	Services []serviceChange `json:"services,omitempty"`
}

type serviceChange struct {
	Milliseconds int64                  `json:"milliseconds"` // since the start
	Windows      []facts.WindowsService `json:"windows"`
}

const (
	// plugTime is how long the services are watched, while the person plugs in a reader.
	plugTime     = 10 * time.Second
	plugInterval = 200 * time.Millisecond
)

// fieldRecord adds to a report what the recorder and this computer tell. Without a recorder (a simulation, a saved file) there
// is only the report.
func (a *App) fieldRecord(ctx context.Context, r *report.Report, recorder *pcsc.Recorder, service func(context.Context) *facts.Service) *field {
	f := &field{Schema: fieldSchema, Report: r, Registrations: []bridge.Seen{}, Exchanges: []pcsc.Exchange{}}
	if recorder.System == nil {
		return f
	}
	f.Exchanges, f.HistoricalBytes = recorder.Exchanges(), recorder.HistoricalBytes()
	maps.DeleteFunc(f.HistoricalBytes, func(reader, _ string) bool { // another card is none of our business
		return r.Facts.PCSC == nil || !slices.ContainsFunc(r.Facts.PCSC.Readers, func(x facts.Reader) bool {
			return x.Name == reader && x.Card != nil && x.Card.Outcome == facts.CardRead
		})
	})
	f.Registrations = append(f.Registrations, bridge.EverythingSeen(platform.This())...)
	if service != nil && a.Terminal && len(service(ctx).Windows) > 0 {
		fmt.Fprintln(a.Stderr, a.texts().Raw("cli_field_plug"))
		f.Services = watchServices(ctx, service)
	}
	return f
}

func watchServices(ctx context.Context, service func(context.Context) *facts.Service) (changes []serviceChange) {
	for start := time.Now(); time.Since(start) < plugTime && ctx.Err() == nil; time.Sleep(plugInterval) {
		now := service(ctx).Windows
		if len(changes) == 0 || !slices.Equal(now, changes[len(changes)-1].Windows) {
			changes = append(changes, serviceChange{time.Since(start).Milliseconds(), now})
		}
	}
	return changes
}

package reader

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"

	"etax-doctor/checks/facts"
	"etax-doctor/checks/smartcard/pcsc"
)

// starting is a service that answers from a call on.
type starting struct {
	pcsc.Context
	calls, from int
}

func (s *starting) Establish(context.Context) (pcsc.Context, error) {
	if s.calls++; s.calls < s.from {
		return nil, &pcsc.Error{Call: "EstablishContext", Code: pcsc.CodeNoService}
	}
	return s, nil
}
func (s *starting) Release()                                  {}
func (s *starting) Readers(context.Context) ([]string, error) { return []string{"Reader"}, nil }
func (s *starting) States(context.Context, []string) ([]pcsc.State, error) {
	return make([]pcsc.State, 1), nil
}

// After the first reader was plugged in, Windows takes a moment to start the service.
func TestAServiceThatIsComingUpIsAskedAgain(t *testing.T) {
	for _, c := range []struct {
		name     string
		comingUp func() bool
		want     facts.PCSCState
		calls    int
	}{
		{"coming up", func() bool { return true }, facts.PCSCReachable, 3},
		{"not coming up", func() bool { return false }, facts.PCSCNoService, 1},
		{"not known", nil, facts.PCSCNoService, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &starting{from: 3}
			f, _ := Probe(t.Context(), s, nil, c.comingUp)
			assert.Equal(t, c.want, f.State)
			assert.Equal(t, c.calls, s.calls)
		})
	}
}

// A person who gives up ends the wait.
func TestTheWaitForAServiceEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := &starting{from: 1 << 30}
	f, _ := Probe(ctx, s, nil, func() bool { cancel(); return true })
	assert.Equal(t, facts.PCSCNoService, f.State)
	assert.Equal(t, 1, s.calls)
}

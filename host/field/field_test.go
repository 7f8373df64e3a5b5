package field

import (
	"io/fs"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"

	"etax-doctor/checks/facts"
	"etax-doctor/checks/platform"
	"etax-doctor/checks/smartcard/pcsc"
	"etax-doctor/host/report"
)

type noCards struct{ pcsc.System }

// deadShare is a drive that does not answer until the test ends.
type deadShare struct {
	platform.Files
	end chan struct{}
}

func (d deadShare) Read(string, int64) ([]byte, error) { <-d.end; return nil, fs.ErrNotExist }

func TestADriveThatDoesNotAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		end := make(chan struct{})
		defer close(end)
		computer := &platform.Computer{OS: "linux", Config: "/x", Files: deadShare{end: end}}
		f := New(t.Context(), &report.Report{Facts: &facts.Facts{}}, &pcsc.Recorder{System: noCards{}}, computer)
		assert.Empty(t, f.Registrations, "the rest is there all the same")
	})
}

package service

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"etax-doctor/checks/facts"
	"etax-doctor/checks/finding"
)

func brief(findings []finding.Finding) string {
	var list []string
	for _, f := range findings {
		list = append(list, strings.TrimPrefix(string(f.Code), "service.")+" "+string(f.Status))
	}
	return strings.Join(list, ", ")
}

func pc(s facts.PCSCState) *facts.PCSC { return &facts.PCSC{State: s} }

func TestLinux(t *testing.T) {
	for _, c := range []struct {
		name   string
		daemon facts.PCSCD
		pcsc   *facts.PCSC
		want   string
	}{
		{"running", facts.PCSCD{Installed: true, Socket: true}, pc(facts.PCSCReachable), "ready ok"},
		{"stopped", facts.PCSCD{Installed: true}, pc(facts.PCSCNoService), "smart-card-stopped failure"},
		{"a socket with nobody behind it", facts.PCSCD{Installed: true, Socket: true}, pc(facts.PCSCNoService), "smart-card-stopped failure"},
		{"not installed", facts.PCSCD{}, pc(facts.PCSCNoService), "smart-card-missing failure"},
		{"somewhere else, but it answers", facts.PCSCD{}, pc(facts.PCSCReachable), "ready ok"},
		{"built without PC/SC", facts.PCSCD{Installed: true}, pc(facts.PCSCNotBuilt), "ready unknown"},
		{"PC/SC did not come back", facts.PCSCD{Installed: true, Socket: true}, nil, "ready unknown"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Judge(&facts.Facts{Service: &facts.Service{OS: "linux", PCSCD: &c.daemon}, PCSC: c.pcsc})
			assert.Equal(t, c.want, brief(got))
		})
	}
}

// The rules for Windows services: disabled is a fault, stopped without a reader is not, and Certificate Propagation is
// information only.
func TestWindows(t *testing.T) {
	yes, no := true, false
	service := func(name string, state facts.ServiceState, start facts.ServiceStart) facts.WindowsService {
		return facts.WindowsService{Name: name, State: state, Start: start}
	}
	smartCard := func(state facts.ServiceState, start facts.ServiceStart) facts.WindowsService {
		return service(facts.SmartCardService, state, start)
	}
	for _, c := range []struct {
		name     string
		services []facts.WindowsService
		reader   *bool
		pcsc     facts.PCSCState
		want     string
	}{
		{"running", []facts.WindowsService{smartCard(facts.ServiceRunning, facts.StartManual)}, &yes, facts.PCSCReachable, "ready ok"},
		{"stopped, no reader", []facts.WindowsService{smartCard(facts.ServiceStopped, facts.StartManual)}, &no, facts.PCSCNoService, "ready ok"},
		{"stopped, unknown whether there is a reader", []facts.WindowsService{smartCard(facts.ServiceStopped, facts.StartManual)}, nil, facts.PCSCNoService, "ready ok"},
		{"stopped although there is a reader", []facts.WindowsService{smartCard(facts.ServiceStopped, facts.StartManual)}, &yes, facts.PCSCNoService, "smart-card-stopped failure"},
		{"stopped, but it answers", []facts.WindowsService{smartCard(facts.ServiceStopped, facts.StartManual)}, &yes, facts.PCSCReachable, "ready ok"},
		{"disabled", []facts.WindowsService{smartCard(facts.ServiceStopped, facts.StartDisabled)}, &no, facts.PCSCNoService, "smart-card-disabled failure"},
		{"runs and does not answer", []facts.WindowsService{smartCard(facts.ServiceRunning, facts.StartManual)}, &yes, facts.PCSCNoService, "smart-card-silent failure"},
		{"still starting", []facts.WindowsService{smartCard(facts.ServicePending, facts.StartManual)}, &yes, facts.PCSCNoService, "smart-card-silent failure"},
		{"missing", []facts.WindowsService{smartCard(facts.ServiceMissing, facts.StartTypeUnknown)}, &no, facts.PCSCNoService, "smart-card-missing failure"},
		{"unknown", []facts.WindowsService{smartCard(facts.ServiceUnknown, facts.StartTypeUnknown)}, nil, facts.PCSCFailed, "ready unknown"},
		{"device enumeration disabled", []facts.WindowsService{smartCard(facts.ServiceRunning, facts.StartManual),
			service(facts.DeviceEnumService, facts.ServiceStopped, facts.StartDisabled)}, &yes, facts.PCSCReachable, "ready ok, device-enum-disabled warning"},
		{"propagation stopped", []facts.WindowsService{smartCard(facts.ServiceRunning, facts.StartManual),
			service(facts.PropagationService, facts.ServiceStopped, facts.StartManual)}, &yes, facts.PCSCReachable, "ready ok, propagation-stopped info"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Judge(&facts.Facts{Service: &facts.Service{OS: "windows", Windows: c.services, ReaderDevicePresent: c.reader}, PCSC: pc(c.pcsc)})
			assert.Equal(t, c.want, brief(got))
		})
	}
}

func TestOtherSystems(t *testing.T) {
	s := &facts.Service{OS: "darwin"}
	assert.Equal(t, "ready ok", brief(Judge(&facts.Facts{Service: s, PCSC: pc(facts.PCSCReachable)})))
	assert.Equal(t, "ready unknown", brief(Judge(&facts.Facts{Service: s, PCSC: pc(facts.PCSCNotBuilt)})))
}

// In a remote session without a reader, what Windows says of its service means nothing.
func TestRemoteSession(t *testing.T) {
	running := facts.WindowsService{Name: facts.SmartCardService, State: facts.ServiceRunning, Start: facts.StartManual}
	f := &facts.Facts{Service: &facts.Service{OS: "windows", Windows: []facts.WindowsService{running}}, PCSC: pc(facts.PCSCNoService), System: &facts.System{OS: "windows", RemoteSession: true}}
	assert.Equal(t, "ready skipped", brief(Judge(f)))
}

package reader

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"etax-doctor/checks/facts"
	"etax-doctor/checks/finding"
)

func TestJudge(t *testing.T) {
	hello := facts.Reader{Name: "Windows Hello for Business 1", State: facts.ReaderStates{Present: true}}
	sony := facts.Reader{Name: "SONY FeliCa Port/PaSoRi 4.0"}
	broken := facts.Reader{Name: "Broken", State: facts.ReaderStates{Unavailable: true}}
	gone := facts.Reader{Name: "Gone", Card: &facts.Card{Outcome: facts.ReaderGone}}
	stopped := &facts.Service{Windows: []facts.WindowsService{{Name: facts.SmartCardService, State: facts.ServiceStopped, Start: facts.StartManual}}}
	builtIn := facts.Reader{Name: "Alcor Micro USB Smart Card Reader"}
	withCard := facts.Reader{Name: builtIn.Name, State: facts.ReaderStates{Present: true}}
	reachable := func(r ...facts.Reader) *facts.PCSC { return &facts.PCSC{State: facts.PCSCReachable, Readers: r} }
	beside := func(d facts.Device, r ...facts.Reader) facts.Facts {
		p := reachable(r...)
		p.Devices = []facts.Device{d}
		return facts.Facts{PCSC: p}
	}
	pasori := facts.Device{USB: "054c:06c1"}
	standard := facts.Device{USB: "04e6:9999", SmartCardClass: true}
	faulty := facts.Device{USB: standard.USB, SmartCardClass: true, Problem: 10}
	noService := func(d ...facts.Device) *facts.PCSC { return &facts.PCSC{State: facts.PCSCNoService, Devices: d} }
	for _, c := range []struct {
		name  string
		facts facts.Facts
		want  string
	}{
		{"none", facts.Facts{PCSC: reachable()}, "reader.none failure"},
		{"only virtual", facts.Facts{PCSC: reachable(hello)}, "reader.only-virtual failure"},
		{"a device without a driver", beside(pasori), "reader.driver-missing failure"},
		{"a device without a driver beside Windows Hello", beside(pasori, hello), "reader.driver-missing failure"},
		{"a PaSoRi without a driver beside an empty built-in reader", beside(pasori, builtIn), "reader.driver-missing failure"},
		{"a PaSoRi without a driver beside a built-in reader with a card", beside(pasori, withCard), "reader.ready ok"},
		{"Windows keeps its service stopped, since the device has no driver", facts.Facts{PCSC: noService(facts.Device{USB: pasori.USB, Problem: 28}), Service: stopped}, "reader.driver-missing failure"},
		{"a known standard reader under another name", beside(facts.Device{USB: "04e6:5116", SmartCardClass: true}, facts.Reader{Name: "Identive SCR33xx v2.0 USB SC Reader"}), "reader.ready ok"},
		{"a reader that Windows has a problem with", beside(faulty, sony), "reader.driver-missing failure"},
		{"a PaSoRi that PC/SC lists", beside(facts.Device{USB: "054c:0dc8"}, sony), "reader.ready ok"},
		{"a standard reader of another make that PC/SC may list", beside(standard, sony), "reader.ready ok"},
		{"virtual first", facts.Facts{PCSC: reachable(hello, sony)}, "reader.ready ok"},
		{"unavailable", facts.Facts{PCSC: reachable(broken)}, "reader.unavailable failure"},
		{"went away", facts.Facts{PCSC: reachable(gone)}, "reader.unavailable failure"},
		{"one of two", facts.Facts{PCSC: reachable(broken, sony)}, "reader.ready ok"},
		{"no service", facts.Facts{PCSC: noService()}, "reader.ready skipped"},
		{"Windows has stopped the service for lack of a reader", facts.Facts{PCSC: noService(), Service: stopped}, "reader.none failure"},
		{"built without PC/SC", facts.Facts{PCSC: &facts.PCSC{State: facts.PCSCNotBuilt}}, "reader.ready unknown"},
		{"failed", facts.Facts{PCSC: &facts.PCSC{State: facts.PCSCFailed, Error: &facts.PCSCError{Call: "ListReaders", Code: "80100001"}}}, "reader.ready unknown"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Judge(&c.facts)
			assert.Len(t, got, 1)
			assert.Equal(t, c.want, string(got[0].Code)+" "+string(got[0].Status))
		})
	}
}

func TestRemoteSession(t *testing.T) {
	f := &facts.Facts{System: &facts.System{RemoteSession: true}, PCSC: &facts.PCSC{State: facts.PCSCReachable}}
	f.PCSC.Devices = []facts.Device{{USB: "054c:06c1"}}
	got := Judge(f)
	assert.Equal(t, "reader.ready skipped", string(got[0].Code)+" "+string(got[0].Status), "reader.remote-session says why; the devices are another computer's than the readers")
}

func TestNamesAreListedOnce(t *testing.T) {
	r := facts.Reader{Name: "ACS ACR1251 CL Reader"}
	got := Judge(&facts.Facts{PCSC: &facts.PCSC{State: facts.PCSCReachable, Readers: []facts.Reader{r, r}}})
	assert.Equal(t, finding.Args{"names": "ACS ACR1251 CL Reader", "slots": "2"}, got[0].Args)
}

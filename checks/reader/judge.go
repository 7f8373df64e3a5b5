package reader

import (
	"slices"
	"strconv"
	"strings"

	"etax-doctor/checks/conditions"
	"etax-doctor/checks/facts"
	"etax-doctor/checks/finding"
)

// Judge says whether there is a usable reader. That it may belong to another computer (remote desktop) is said by the room of
// the system, which knows it even if no reader answers.
func Judge(f *facts.Facts) []finding.Finding {
	if conditions.RemoteHidesReaders(f) {
		return []finding.Finding{finding.NewSkipped("reader.ready", "reader")} // because of reader.remote-session
	}
	switch f.PCSC.State {
	case facts.PCSCNoService:
		if conditions.StoppedForLackOfReader(f.Service) {
			// Windows does not count a device without its driver as a reader.
			if d, ok := withoutDriver(f); ok {
				return []finding.Finding{driverMissing(f, d)}
			}
			return []finding.Finding{finding.New("reader.none", finding.Failure, finding.Args{"os": osOf(f)})}
		}
		return []finding.Finding{finding.NewSkipped("reader.ready", "service")}
	case facts.PCSCNotBuilt:
		return []finding.Finding{finding.NewUnknown("reader.ready", "not-built")}
	case facts.PCSCFailed:
		reason := "failed" // the code is in the facts
		if e := f.PCSC.Error; e != nil && (e.Code == string(facts.TimedOut) || e.Code == string(facts.Crashed)) {
			reason = e.Code
		}
		return []finding.Finding{finding.NewUnknown("reader.ready", reason)}
	}
	real := conditions.RealReaders(f.PCSC)
	if d, ok := withoutDriver(f); ok {
		return []finding.Finding{driverMissing(f, d)}
	}
	switch {
	case len(f.PCSC.Readers) == 0:
		return []finding.Finding{finding.New("reader.none", finding.Failure, finding.Args{"os": osOf(f)})}
	case len(real) == 0:
		return []finding.Finding{finding.New("reader.only-virtual", finding.Failure, finding.Args{"names": names(f.PCSC.Readers)})}
	case !slices.ContainsFunc(real, usable):
		return []finding.Finding{finding.New("reader.unavailable", finding.Failure, finding.Args{"names": names(real)})}
	}
	args := finding.Args{"names": names(real), "slots": strconv.Itoa(len(real))}
	if _, holding := f.PCSC.MyNumberCard(); holding != nil {
		args["holding"] = holding.Name
	}
	return []finding.Finding{finding.New("reader.ready", finding.OK, args)}
}

func usable(r facts.Reader) bool {
	return !r.State.Unavailable && (r.Card == nil || r.Card.Outcome != facts.ReaderGone)
}

func names(readers []facts.Reader) string {
	var list []string
	for _, r := range readers {
		if !slices.Contains(list, r.Name) {
			list = append(list, r.Name)
		}
	}
	return strings.Join(list, ", ")
}

// withoutDriver finds a device that the operating system sees and PC/SC does not list. It finds none if a card is on
// another reader, because that reader is used, or over remote desktop, because PC/SC then lists another computer's
// readers.
func withoutDriver(f *facts.Facts) (facts.Device, bool) {
	real := conditions.RealReaders(f.PCSC)
	if slices.ContainsFunc(real, func(r facts.Reader) bool { return r.State.Present }) || (f.System != nil && f.System.RemoteSession) {
		return facts.Device{}, false
	}
	for _, d := range f.PCSC.Devices {
		k, known := ByUSB(d.USB)
		// PC/SC may list a standard reader under any name; a known reader of a vendor class has one of its known names.
		listed := len(real) > 0 && (d.SmartCardClass || !known || slices.ContainsFunc(real, k.isNamed))
		if !listed || d.Problem != 0 {
			return d, true
		}
	}
	return facts.Device{}, false
}

func driverMissing(f *facts.Facts, d facts.Device) finding.Finding {
	args := finding.Args{"os": osOf(f), "device": d.USB, "name": d.Name, "driver": ""}
	if d.Name == "" {
		args["name"] = d.USB
	}
	if d.Problem != 0 {
		args["problem"] = strconv.FormatUint(uint64(d.Problem), 10)
	}
	if k, ok := ByUSB(d.USB); ok {
		args["driver"] = k.Driver[args["os"]]
	}
	return finding.New("reader.driver-missing", finding.Failure, args)
}

// osOf is the system of the machine that is judged, which may not be the one that runs this program.
func osOf(f *facts.Facts) string {
	switch {
	case f.System != nil:
		return f.System.OS
	case f.Service != nil:
		return f.Service.OS
	}
	return ""
}

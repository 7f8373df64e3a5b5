// Package service finds out in what state the operating system's smart card service is, and judges it.
package service

import (
	"context"

	"etax-doctor/checks/conditions"
	"etax-doctor/checks/facts"
	"etax-doctor/checks/finding"
)

// ComingUp reports whether the service may be starting: it says so, or it runs or could run and a reader is there.
func ComingUp() bool {
	s := Probe(context.Background())
	w, ok := s.Named(facts.SmartCardService)
	present := s.ReaderDevicePresent != nil && *s.ReaderDevicePresent
	return ok && (w.State == facts.ServicePending || present && w.Start != facts.StartDisabled && w.State != facts.ServiceMissing)
}

// Judge applies the rules for Windows services (a disabled service is a fault, a stopped one without a reader is
// not) or, on Linux, asks whether pcscd is installed and reachable.
func Judge(f *facts.Facts) []finding.Finding {
	if f.Service.PCSCD != nil {
		return []finding.Finding{judgeLinux(f)}
	}
	if len(f.Service.Windows) > 0 {
		return judgeWindows(f)
	}
	if reachable(f) {
		return []finding.Finding{finding.New("service.ready", finding.OK, nil)}
	}
	return []finding.Finding{finding.NewUnknown("service.ready", "no-probe-for-this-os")}
}

func reachable(f *facts.Facts) bool { return f.PCSC != nil && f.PCSC.State == facts.PCSCReachable }

func judgeLinux(f *facts.Facts) finding.Finding {
	args := finding.Args{"os": "linux"}
	switch {
	case reachable(f):
		return finding.New("service.ready", finding.OK, args)
	case f.PCSC != nil && f.PCSC.State != facts.PCSCNoService:
		return finding.NewUnknown("service.ready", string(f.PCSC.State))
	case !f.Service.PCSCD.Installed:
		return finding.New("service.smart-card-missing", finding.Failure, args)
	case f.PCSC == nil && f.Service.PCSCD.Socket:
		return finding.NewUnknown("service.ready", "not-tried") // the reader probe did not come back
	}
	return finding.New("service.smart-card-stopped", finding.Failure, args)
}

func judgeWindows(f *facts.Facts) []finding.Finding {
	var all []finding.Finding
	smartCard, _ := f.Service.Named(facts.SmartCardService)
	args := finding.Args{"os": "windows"}
	switch {
	case smartCard.Start == facts.StartDisabled:
		all = append(all, finding.New("service.smart-card-disabled", finding.Failure, args))
	case smartCard.State == facts.ServiceMissing:
		all = append(all, finding.New("service.smart-card-missing", finding.Failure, args))
	case conditions.RemoteHidesReaders(f):
		all = append(all, finding.NewSkipped("service.ready", "reader"))
	case reachable(f), conditions.StoppedForLackOfReader(f.Service):
		all = append(all, finding.New("service.ready", finding.OK, args))
	case f.PCSC != nil && f.PCSC.State == facts.PCSCNoService:
		code := finding.Code("service.smart-card-stopped")
		if smartCard.State == facts.ServiceRunning || smartCard.State == facts.ServicePending {
			code = "service.smart-card-silent"
		}
		all = append(all, finding.New(code, finding.Failure, args))
	default:
		all = append(all, finding.NewUnknown("service.ready", "state-unknown"))
	}
	if s, ok := f.Service.Named(facts.DeviceEnumService); ok && s.Start == facts.StartDisabled {
		all = append(all, finding.New("service.device-enum-disabled", finding.Warning, args))
	}
	if s, ok := f.Service.Named(facts.PropagationService); ok && (s.State == facts.ServiceStopped || s.State == facts.ServiceMissing) {
		all = append(all, finding.New("service.propagation-stopped", finding.Info, args))
	}
	return all
}

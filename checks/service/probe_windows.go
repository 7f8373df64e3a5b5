package service

import (
	"context"
	"errors"
	"unsafe"

	"golang.org/x/sys/windows"

	"etax-doctor/checks/facts"
)

// smartCardReaderClass is the device setup class of readers; Windows starts SCardSvr when such a device arrives.
var smartCardReaderClass = windows.GUID{Data1: 0x50DD5230, Data2: 0xBA8A, Data3: 0x11D1,
	Data4: [8]byte{0xBF, 0x5D, 0x00, 0x00, 0xF8, 0x05, 0xF5, 0x30}}

// oneAtATime: the probes of the services and of the readers ask at the same moment. Each opens a connection to the service
// control manager, and Wine's then takes the handles of one connection for the other's (RPC_X_SS_CONTEXT_MISMATCH).
var oneAtATime = make(chan struct{}, 1)

// Probe asks the service control manager by key name, with the few rights every user has.
func Probe(ctx context.Context) *facts.Service {
	s := &facts.Service{OS: "windows", ReaderDevicePresent: readerDevicePresent()}
	select {
	case oneAtATime <- struct{}{}:
		defer func() { <-oneAtATime }()
	case <-ctx.Done(): // the other probe hangs
		return s
	}
	scm, err := windows.OpenSCManager(nil, nil, windows.SC_MANAGER_CONNECT)
	if err == nil {
		defer windows.CloseServiceHandle(scm)
	}
	for _, name := range []string{facts.SmartCardService, facts.DeviceEnumService, facts.PropagationService} {
		if err != nil {
			s.Windows = append(s.Windows, unknown(name, err))
			continue
		}
		s.Windows = append(s.Windows, query(scm, name))
	}
	return s
}

func unknown(name string, err error) facts.WindowsService {
	w := facts.WindowsService{Name: name, State: facts.ServiceUnknown, Start: facts.StartTypeUnknown}
	var errno windows.Errno
	if errors.As(err, &errno) {
		w.Win32 = uint32(errno)
	}
	if errors.Is(err, windows.ERROR_SERVICE_DOES_NOT_EXIST) {
		w.State = facts.ServiceMissing
	}
	return w
}

func query(scm windows.Handle, name string) facts.WindowsService {
	key, err := windows.UTF16PtrFromString(name)
	if err != nil {
		return unknown(name, err)
	}
	h, err := windows.OpenService(scm, key, windows.SERVICE_QUERY_STATUS|windows.SERVICE_QUERY_CONFIG)
	if err != nil {
		return unknown(name, err)
	}
	defer windows.CloseServiceHandle(h)
	var status windows.SERVICE_STATUS
	if err := windows.QueryServiceStatus(h, &status); err != nil {
		return unknown(name, err)
	}
	w := facts.WindowsService{Name: name, State: facts.ServicePending, Start: startType(h)}
	switch status.CurrentState {
	case windows.SERVICE_RUNNING:
		w.State = facts.ServiceRunning
	case windows.SERVICE_STOPPED:
		w.State = facts.ServiceStopped
	}
	return w
}

func startType(h windows.Handle) facts.ServiceStart {
	const roomy = 8 << 10 // the largest configuration QueryServiceConfig gives
	buffer := make([]byte, roomy)
	config := (*windows.QUERY_SERVICE_CONFIG)(unsafe.Pointer(&buffer[0]))
	var needed uint32
	if err := windows.QueryServiceConfig(h, config, roomy, &needed); err != nil {
		return facts.StartTypeUnknown
	}
	switch config.StartType {
	case windows.SERVICE_AUTO_START:
		return facts.StartAuto
	case windows.SERVICE_DEMAND_START:
		return facts.StartManual
	case windows.SERVICE_DISABLED:
		return facts.StartDisabled
	}
	return facts.StartTypeUnknown
}

// readerDevicePresent reports whether Windows sees a device of the reader class, whether or not the service runs; nil
// if that is unknown.
func readerDevicePresent() *bool {
	set, err := windows.SetupDiGetClassDevsEx(&smartCardReaderClass, "", 0, windows.DIGCF_PRESENT, 0, "")
	if err != nil {
		return nil
	}
	defer set.Close()
	_, err = set.EnumDeviceInfo(0)
	if err != nil && !errors.Is(err, windows.ERROR_NO_MORE_ITEMS) {
		return nil
	}
	present := err == nil
	return &present
}

package facts

// Service is the state of the operating system's smart card service.
type Service struct {
	OS string `json:"os"`
	// Windows lists the Windows services by key name, never by display name.
	Windows []WindowsService `json:"windows,omitempty"`
	// ReaderDevicePresent is whether Windows sees a device of the SmartCardReader class; nil where that is unknown.
	ReaderDevicePresent *bool `json:"readerDevicePresent,omitempty"`
	// PCSCD is the state of pcscd on Linux.
	PCSCD *PCSCD `json:"pcscd,omitempty"`
}

// WindowsService is one service as the service control manager reports it.
type WindowsService struct {
	Name  string       `json:"name"` // SCardSvr, ScDeviceEnum, CertPropSvc
	State ServiceState `json:"state"`
	Start ServiceStart `json:"start"`
	Win32 uint32       `json:"win32,omitempty"` // the Win32 error that made the state unknown
}

// ServiceState is the run state of a service.
type ServiceState string

// The states a service can be in.
const (
	ServiceRunning ServiceState = "running" // it runs
	ServiceStopped ServiceState = "stopped" // it does not run
	ServicePending ServiceState = "pending" // it is starting or stopping
	ServiceMissing ServiceState = "missing" // it is not installed
	ServiceUnknown ServiceState = "unknown" // Windows did not say
)

// ServiceStart is the start type of a service.
type ServiceStart string

// The start types of a Windows service, and the key names of the three services.
const (
	StartAuto          ServiceStart = "auto"         // with Windows
	StartManual        ServiceStart = "manual"       // when something needs it
	StartDisabled      ServiceStart = "disabled"     // never
	StartTypeUnknown   ServiceStart = "unknown"      // Windows did not say
	SmartCardService                = "SCardSvr"     // Smart Card
	DeviceEnumService               = "ScDeviceEnum" // Smart Card Device Enumeration
	PropagationService              = "CertPropSvc"  // Certificate Propagation
)

// PCSCD is the state of the PC/SC daemon on Linux.
type PCSCD struct {
	Installed bool `json:"installed"` // its program or its socket is there
	Socket    bool `json:"socket"`    // the socket that programs connect to exists
}

// Named returns the Windows service with that key name.
func (s *Service) Named(name string) (WindowsService, bool) {
	if s != nil {
		for _, w := range s.Windows {
			if w.Name == name {
				return w, true
			}
		}
	}
	return WindowsService{}, false
}

package system

import (
	"fmt"
	"runtime"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"

	"etax-doctor/checks/facts"
	"etax-doctor/checks/platform"
)

// firstWindows11Build is the first build of Windows 11; its major version is still 10.
const firstWindows11Build = 22000

// calais is the key with the settings of Windows' smart card base components (KB5073121; only public scripts give the
// path).
const calais = `SOFTWARE\Microsoft\Cryptography\Calais`

func describe(s *facts.System) {
	v := windows.RtlGetVersion()
	s.Build = v.BuildNumber
	s.Name = fmt.Sprintf("Windows %d", v.MajorVersion)
	if v.MajorVersion == 10 && v.BuildNumber >= firstWindows11Build {
		s.Name = "Windows 11"
	}
	s.Arch = machineArch()
	s.RemoteSession = remoteSession()
	if languages, err := windows.GetUserPreferredUILanguages(windows.MUI_LANGUAGE_NAME); err == nil && len(languages) > 0 {
		s.Language = languages[0]
	}
	if n, err := platform.This().Registry.Number(platform.LocalMachine, platform.View64, calais, "DisableCapiOverrideForRSA"); err == nil {
		s.CapiOverrideOff = &n
	}
	key, err := registry.OpenKey(registry.LOCAL_MACHINE, `SOFTWARE\Microsoft\Windows NT\CurrentVersion`, registry.QUERY_VALUE|registry.WOW64_64KEY)
	if err != nil {
		return
	}
	defer key.Close()
	s.Edition, _, _ = key.GetStringValue("EditionID")
}

// machineArch returns the computer's own architecture, which differs from that of an emulated program.
func machineArch() string {
	var process, machine uint16
	if windows.IsWow64Process2(windows.CurrentProcess(), &process, &machine) == nil {
		switch machine {
		case 0x8664:
			return "amd64"
		case 0xAA64:
			return "arm64"
		case 0x014C:
			return "386"
		}
	}
	return runtime.GOARCH
}

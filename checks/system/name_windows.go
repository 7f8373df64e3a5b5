package system

import (
	"fmt"

	"golang.org/x/sys/windows"
)

// firstWindows11Build is the build from which Windows calls itself 11; the major version stays 10.
const firstWindows11Build = 22000

func osName() string {
	v := windows.RtlGetVersion()
	name := fmt.Sprintf("Windows %d", v.MajorVersion)
	if v.MajorVersion == 10 && v.BuildNumber >= firstWindows11Build {
		name = "Windows 11"
	}
	return fmt.Sprintf("%s (%d.%d.%d)", name, v.MajorVersion, v.MinorVersion, v.BuildNumber)
}

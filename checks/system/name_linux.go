package system

import (
	"os"
	"strings"

	"etax-doctor/checks/facts"
)

func describe(s *facts.System) { s.Name = osName() }

// osName is PRETTY_NAME of os-release(5), the name the distribution shows to people.
func osName() string {
	for _, path := range []string{"/etc/os-release", "/usr/lib/os-release"} {
		data, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(data)) {
			if value, ok := strings.CutPrefix(strings.TrimSpace(line), "PRETTY_NAME="); ok {
				return strings.Trim(value, `"'`)
			}
		}
	}
	return "Linux"
}

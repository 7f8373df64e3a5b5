package platform

import (
	"path/filepath"
	"strings"
)

// userDataDir returns the value of --user-data-dir, Chromium's option for the folder of its profiles; "" if there is none.
func userDataDir(arguments []string) string {
	for _, argument := range arguments {
		if folder, ok := strings.CutPrefix(argument, "--user-data-dir="); ok && filepath.IsAbs(folder) {
			return folder
		}
	}
	return ""
}

package registration

import (
	"path/filepath"
	"strings"

	"golang.org/x/sys/windows"
)

func elevated() bool { return windows.GetCurrentProcessToken().IsElevated() }

// inSystemPlace reports whether a program lies in the folder of programs for all users, which Windows itself names and
// only administrators can write to.
func inSystemPlace(program string) bool {
	for _, folder := range []*windows.KNOWNFOLDERID{windows.FOLDERID_ProgramFiles, windows.FOLDERID_ProgramFilesX86} {
		place, err := windows.KnownFolderPath(folder, windows.KF_FLAG_DEFAULT)
		if err != nil || place == "" {
			continue
		}
		below, err := filepath.Rel(place, program)
		if err == nil && filepath.IsLocal(below) && !strings.EqualFold(below, ".") {
			return true
		}
	}
	return false
}

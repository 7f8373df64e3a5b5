package registration

import (
	"path/filepath"
	"strings"

	"golang.org/x/sys/windows"
)

func elevated() bool { return windows.GetCurrentProcessToken().IsElevated() }

// inSystemPlace reports whether a program is in the folder of programs for all users, where only administrators can
// write. Windows itself gives the folder's path.
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

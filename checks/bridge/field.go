package bridge

import (
	"encoding/json"
	"errors"
	"path"
	"path/filepath"
	"strings"

	"etax-doctor/checks/facts"
	"etax-doctor/checks/platform"
	"etax-doctor/manifests"
)

// Seen is what a registration on a real computer says that is not known yet, for the field: ids and names, no folders.
type Seen struct {
	Browser string      `json:"browser"`
	Host    string      `json:"host"`
	Level   facts.Level `json:"level"`
	View    int         `json:"view,omitempty"` // of the registry: 32 or 64
	Key     string      `json:"key,omitempty"`  // of the registry, without the host
	// Origins are the extensions that may use it, Program is the file name of its program.
	Origins []string `json:"origins"`
	Program string   `json:"program"`
	// Error says that the manifest cannot be read.
	Error string `json:"error,omitempty"`
}

// EverythingSeen reads all registrations of the known bridges, wherever a browser would look for them.
func EverythingSeen(m *platform.Computer) (all []Seen) {
	for _, browser := range manifests.Browsers() {
		for _, b := range All() {
			if m.OS != "windows" {
				for _, f := range folders(m, browser) {
					all = appendSeen(all, m, filepath.Join(f.path, b.Host+".json"), Seen{Browser: browser.ID, Host: b.Host, Level: f.level})
				}
				continue
			}
			for place := range registryPlaces(browser) {
				if file, err := place.read(m, b); err == nil {
					all = appendSeen(all, m, file, Seen{Browser: browser.ID, Host: b.Host, Level: place.level(), View: int(place.view), Key: place.key})
				}
			}
		}
	}
	return all
}

func appendSeen(all []Seen, m *platform.Computer, file string, s Seen) []Seen {
	data, err := m.Files.Read(file, largestManifest)
	var manifest struct {
		Path    string   `json:"path"`
		Origins []string `json:"allowed_origins"`
	}
	switch {
	case errors.Is(err, platform.ErrAbsent) && s.Key == "": // no registration at all
		return all
	case err != nil:
		s.Error = "manifest not read"
		return append(all, s)
	case json.Unmarshal(data, &manifest) != nil:
		s.Error = "manifest is no JSON"
		return append(all, s)
	}
	for _, o := range manifest.Origins {
		if origin().MatchString(o) {
			s.Origins = append(s.Origins, o)
		}
	}
	s.Program = path.Base(strings.ReplaceAll(manifest.Path, `\`, "/"))
	return append(all, s)
}

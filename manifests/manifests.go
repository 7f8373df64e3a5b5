// Package manifests holds, as data, how browsers find the host: the manifest that names it and the extensions allowed
// to start it, and where each browser looks for that manifest.
package manifests

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// policy is the privacy policy for the stores: a heading, then a paragraph for each language, then what its owner has to add.
//
//go:embed store/privacy.md
var policy string

// PrivacyPolicy is the privacy policy in a language.
func PrivacyPolicy(language string) string {
	paragraphs := strings.Split(policy, "\n\n")
	if language == "ja" {
		return paragraphs[1]
	}
	return paragraphs[2]
}

//go:embed host.json
var hostJSON []byte

//go:embed browsers.json
var browsersJSON []byte

// Host is a native-messaging host manifest. The ids in AllowedOrigins are those of the unpacked extension (its fixed
// key) and, once they are known, of the Chrome and the Edge store.
type Host struct {
	Name           string   `json:"name"`
	Description    string   `json:"description"`
	Path           string   `json:"path"`
	Type           string   `json:"type"`
	AllowedOrigins []string `json:"allowed_origins"`
}

// Browser is a browser and the places where it looks for hosts and policies (vendor documentation, and the sources of
// projects that register hosts).
type Browser struct {
	ID   string `json:"id"`
	Name string `json:"browser"`
	// Otherwise: e-Tax does not recommend this browser, and its bridge does not mention it. The host is registered there
	// all the same, so that the extension can say so.
	Otherwise      bool   `json:"otherwise"`
	ExtensionsPage string `json:"extensionsPage"`
	// Linux lists profile roots below $XDG_CONFIG_HOME, LinuxSandboxed folders below the home folder of a snap or a Flatpak;
	// LinuxSystem and LinuxPolicies are folders.
	Linux          []string `json:"linux"`
	LinuxSandboxed []string `json:"linuxSandboxed"`
	LinuxSystem    []string `json:"linuxSystem"`
	LinuxPolicies  string   `json:"linuxPolicies"`
	// Darwin lists profile roots below ~/Library/Application Support.
	Darwin       []string `json:"darwin"`
	DarwinSystem string   `json:"darwinSystem"`
	// WindowsKeys are the registry keys in the order in which the browser looks at them within each view.
	WindowsKeys     []string `json:"windowsKeys"`
	WindowsPolicies string   `json:"windowsPolicies"`
	WindowsProgram  string   `json:"windowsProgram"`
}

var (
	host     = sync.OnceValue(func() (h Host) { decode("host.json", hostJSON, &h); return h })
	browsers = sync.OnceValue(func() (all []Browser) { decode("browsers.json", browsersJSON, &all); return all })
)

// decode reads an embedded file. A file that cannot be decoded is a mistake of ours; tests read both files.
func decode(name string, data []byte, into any) {
	if err := json.Unmarshal(data, into); err != nil {
		panic(fmt.Sprintf("the embedded file %s is broken: %v", name, err))
	}
}

// AllowedOrigins lists the extensions that may talk to the host, as chrome-extension://<id>/.
func AllowedOrigins() []string { return host().AllowedOrigins }

// ForHost is the manifest for a host program at an absolute path.
func ForHost(path string) Host {
	h := host()
	h.Path = path
	return h
}

// Browsers lists the browsers that the checks judge.
func Browsers() []Browser {
	return slices.DeleteFunc(slices.Clone(browsers()), func(b Browser) bool { return b.Otherwise })
}

// AllBrowsers lists those that the host is registered for.
func AllBrowsers() []Browser { return browsers() }

// BrowserName is what people call the browser with an id.
func BrowserName(id string) string {
	for _, b := range AllBrowsers() {
		if b.ID == id {
			return b.Name
		}
	}
	return id
}

package bridge

import (
	"bytes"
	"encoding/json"
	"errors"
	"iter"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"etax-doctor/checks/facts"
	"etax-doctor/checks/platform"
	"etax-doctor/manifests"
)

// largestManifest is in bytes, far above the size of any host manifest.
const largestManifest = 64 << 10

// LookUp looks up a bridge's registration as a browser would; found is false if there is none. It never starts the
// registered program.
func LookUp(m *platform.Computer, browser manifests.Browser, b Bridge) (r facts.Registration, found bool) {
	if m.OS == "windows" {
		r, found = inRegistry(m, browser, b)
	} else {
		r, found = inFolders(m, folders(m, browser), browser, b)
	}
	r.Host, r.Browser = b.Host, browser.ID
	return r, found
}

// LookUpIn does the same for a browser whose profile is in a folder of its own. On Windows, such a browser has the same
// registrations as any other.
func LookUpIn(userDataDir string, m *platform.Computer, browser manifests.Browser, b Bridge) (r facts.Registration, found bool) {
	own := []folder{{filepath.Join(userDataDir, nativeMessagingHosts), facts.LevelUser}}
	for _, f := range folders(m, browser) {
		if f.level == facts.LevelSystem {
			own = append(own, f)
		}
	}
	r, found = inFolders(m, own, browser, b)
	r.Host, r.Browser, r.OwnFolder = b.Host, browser.ID, true
	return r, found
}

// inRegistry takes the first key that can be read, even if its manifest or program is missing. A key that cannot be read
// counts only if there is no other.
func inRegistry(m *platform.Computer, browser manifests.Browser, b Bridge) (first facts.Registration, found bool) {
	var unreadable *facts.Registration
	for place := range registryPlaces(browser) {
		path, err := place.read(m, b)
		if errors.Is(err, platform.ErrAbsent) {
			continue
		}
		r := facts.Registration{Level: place.level(), View: int(place.view)}
		r.State, r.Program, r.Signed = keyState(m, path, err, browser, b)
		switch {
		case err != nil && unreadable == nil:
			unreadable = &r
		case err != nil:
		case !found:
			first, found = r, true
		default:
			first.RecordLater(r.Level, r.State)
		}
	}
	if !found && unreadable != nil {
		return *unreadable, true
	}
	return first, found
}

// registryPlace is a key of Windows' registry below which a browser looks for native messaging hosts.
type registryPlace struct {
	root platform.Root
	view platform.View
	key  string
}

// registryPlaces gives them in Chromium's order: the user's keys before the computer's, within each the 32-bit view before
// the 64-bit view, and within each view the browser's keys in their order.
func registryPlaces(browser manifests.Browser) iter.Seq[registryPlace] {
	return func(yield func(registryPlace) bool) {
		for _, root := range []platform.Root{platform.CurrentUser, platform.LocalMachine} {
			for _, view := range []platform.View{platform.View32, platform.View64} {
				for _, key := range browser.WindowsKeys {
					if !yield(registryPlace{root, view, key}) {
						return
					}
				}
			}
		}
	}
}

// read reads the path of a bridge's manifest.
func (p registryPlace) read(m *platform.Computer, b Bridge) (manifest string, err error) {
	return m.Registry.Text(p.root, p.view, p.key+`\`+b.Host, "")
}

func (p registryPlace) level() facts.Level {
	if p.root == platform.LocalMachine {
		return facts.LevelSystem
	}
	return facts.LevelUser
}

func keyState(m *platform.Computer, path string, err error, browser manifests.Browser, b Bridge) (facts.RegistrationState, string, *bool) {
	switch {
	case errors.Is(err, platform.ErrWrongType), err == nil && (path == "" || !absoluteOnWindows(path)):
		return facts.ManifestMissing, "", nil
	case err != nil:
		return facts.RegistrationDenied, "", nil
	}
	state, program := manifestState(m, path, browser, b)
	if state == facts.RegistrationOK {
		if signed, err := m.Files.Signed(program); err == nil {
			return state, program, &signed
		}
	}
	return state, program, nil
}

func inFolders(m *platform.Computer, all []folder, browser manifests.Browser, b Bridge) (first facts.Registration, found bool) {
	for _, folder := range all {
		path := filepath.Join(folder.path, b.Host+".json")
		if _, err := m.Files.Read(path, 0); errors.Is(err, platform.ErrAbsent) {
			continue
		}
		state, program := manifestState(m, path, browser, b)
		if !found {
			first, found = facts.Registration{Level: folder.level, State: state, Program: program}, true
		}
		first.RecordLater(folder.level, state)
	}
	return first, found
}

type folder struct {
	path  string
	level facts.Level
}

// nativeMessagingHosts is the folder of the user's registrations within a browser's user data directory.
const nativeMessagingHosts = "NativeMessagingHosts"

func folders(m *platform.Computer, browser manifests.Browser) (list []folder) {
	if m.OS == "darwin" {
		for _, root := range browser.Darwin {
			list = append(list, folder{filepath.Join(m.Home, "Library", "Application Support", root, nativeMessagingHosts), facts.LevelUser})
		}
		return append(list, folder{browser.DarwinSystem, facts.LevelSystem})
	}
	for _, root := range browser.Linux {
		list = append(list, folder{filepath.Join(m.Config, root, nativeMessagingHosts), facts.LevelUser})
	}
	for _, system := range browser.LinuxSystem {
		list = append(list, folder{system, facts.LevelSystem})
	}
	return list
}

// origin is the form of each entry of allowed_origins. One entry in another form makes Chromium refuse the manifest.
var origin = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^chrome-extension://[a-p]{32}/`) })

// manifestState checks a manifest and whether its program exists. It never starts the program.
func manifestState(m *platform.Computer, path string, browser manifests.Browser, b Bridge) (state facts.RegistrationState, program string) {
	data, err := m.Files.Read(path, largestManifest)
	switch {
	case errors.Is(err, platform.ErrAbsent):
		return facts.ManifestMissing, ""
	case errors.Is(err, platform.ErrTooLarge), errors.Is(err, platform.ErrNotAFile):
		return facts.ManifestInvalid, ""
	case err != nil:
		return facts.ManifestUnreadable, ""
	}
	var manifest struct {
		Name        string   `json:"name"`
		Description string   `json:"description"`
		Path        string   `json:"path"`
		Type        string   `json:"type"`
		Origins     []string `json:"allowed_origins"`
	}
	// Chromium accepts UTF-8 with or without a byte order mark, and nothing else.
	data = bytes.TrimPrefix(data, []byte("\xEF\xBB\xBF"))
	switch {
	case !utf8.Valid(data), json.Unmarshal(data, &manifest) != nil, manifest.Type != "stdio", manifest.Path == "",
		manifest.Description == "", slices.ContainsFunc(manifest.Origins, func(o string) bool { return !origin().MatchString(o) }):
		return facts.ManifestInvalid, ""
	case manifest.Name != b.Host:
		return facts.ManifestOfAnother, ""
	case !b.Allows(manifest.Origins, browser.ID):
		return facts.OriginMissing, ""
	}
	return programState(m, path, manifest.Path)
}

func programState(m *platform.Computer, manifest, program string) (facts.RegistrationState, string) {
	switch {
	case m.OS == "windows" && !absoluteOnWindows(program):
		// Only Windows accepts a relative path: relative to the manifest's folder.
		program = manifest[:strings.LastIndexAny(manifest, `\/`)+1] + program
	case m.OS != "windows" && !strings.HasPrefix(program, "/"):
		return facts.ManifestInvalid, ""
	}
	there, err := m.Files.IsFile(program)
	switch {
	case err != nil:
		return facts.ProgramUnknown, ""
	case !there:
		return facts.ProgramMissing, ""
	}
	return facts.RegistrationOK, program
}

// absoluteOnWindows accepts both slashes, as Windows does: C:\x, C:/x and \\server\x.
func absoluteOnWindows(path string) bool {
	p := strings.ReplaceAll(path, "/", `\`)
	return strings.HasPrefix(p, `\\`) || (len(p) > 2 && p[1] == ':' && p[2] == '\\')
}

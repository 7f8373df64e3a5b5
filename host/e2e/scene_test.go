//go:build linux && cgo

package e2e

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"etax-doctor/checks/platform/platformtest"
	"etax-doctor/checks/smartcard/pcsc"
	"etax-doctor/checks/smartcard/pcsctest"
	"etax-doctor/checks/smartcard/virtualcard"
	"etax-doctor/host/e2e/harness"
	"etax-doctor/host/version"
	"etax-doctor/manifests"
)

// scene is a file of testdata/scenes: a state of card, reader, service, app, browser and page, and the expected result.
// What a scene does not name is healthy, but a scene that names no card has none.
type scene struct {
	name  string
	About string // the person's situation, in a sentence
	// Healthy: any fault that is shown is a false alarm.
	Healthy bool
	// Full: make test leaves it out, because another scene or test takes the same way; make full plays it.
	Full    bool
	Card    *sceneCard
	Readers *[]string            // by default one reader
	Cards   map[string]sceneCard // by the number of their reader, instead of Card
	Fault   pcsctest.Fault       // of the first reader
	Held    string               // how another program holds the first card: exclusive, transaction
	Pcscd   string               // stopped, or dies (in the middle of a read)
	App     string               // the bridge's app: missing, other-browser
	Host    string               // ours: missing, forbidden, exits, deaf, garbled, silent, older, newer
	Browser sceneBrowser
	Page    string // a path on the login host, or a whole address, instead of the login page
	// Login is set if the person presses the page's card button instead of our icon. It is the answer of the bridge's
	// app: accepted, refused, waits, ends, unregistered.
	Login string
	// Windows makes it a scene for the command line of the Windows program under Wine.
	Windows *sceneWindows
	Want    sceneWant
}

// sceneCard holds the differences from a healthy card. Times are relative to now; ATR and status words are hexadecimal.
type sceneCard struct {
	ATR, Label, Organization, CA            string // CA: 2015, 2019, 2023, none
	NotBefore, NotAfter                     *sceneDuration
	LoginTries, SigningTries                *int
	LockedSW, SelectSW, FirstSW             string
	P384, LoginVerified, NoLogin, NoSigning bool
	RefuseSFI, RefuseExtended               bool
	GetResponse, ExactLength                bool
	Filler, TakenOffAt                      int
	Delay                                   sceneDuration
	Certificate                             string // garbage, half
}

type sceneDuration time.Duration

func (d *sceneDuration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	*d = sceneDuration(parsed)
	return err
}

type sceneBrowser struct {
	Language   string
	Bridge     string // none, off, twice, outdated
	Management bool   // the person lets our extension list the others
	UserAgent  bool   // an extension changes it
	Incognito  bool
	Cookies    string          // blocked
	Brand      string          // the brand that the browser reports
	Policies   json.RawMessage `json:",omitempty"`
	Tabs       []string        // open beside the login page
	Back       bool            // the person went on and came back
}

// sceneWindows holds the differences from the machine in testdata/scenes/windows.json: null removes a key or a file.
type sceneWindows struct {
	Browser  string
	Registry map[string]map[string]json.RawMessage
	Files    map[string]json.RawMessage
}

type sceneWant struct {
	Verdict string // its code; in a login, the code that the banner shows, or "" for no banner at all
	Args    map[string]string
	Finding string // a further finding that has to be there, with its status
	Status  string
	Broken  string // the station in the popup that is marked as broken
	State   string // of the login attempt
	Says    string // a text that the popup or the banner has to contain
	// Apart: the page that opens after the banner shows another fault than the banner's as a second thing.
	Apart bool
	// Untouched: the card gets no command from us.
	Untouched bool
}

const scenesFolder = "../../testdata/scenes"

// readScenes reads all scenes. An unknown field is an error.
func readScenes(t testing.TB) (all []*scene) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(scenesFolder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path == filepath.Join(scenesFolder, "windows.json") {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(scenesFolder, path)
		s := &scene{name: strings.TrimSuffix(name, ".json")}
		decoder := json.NewDecoder(bytes.NewReader(data))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(s); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if wrong := s.validate(); wrong != "" || decoder.More() {
			return fmt.Errorf("%s: %s", path, cmp.Or(wrong, "something follows the scene"))
		}
		all = append(all, s)
		return nil
	}))
	healthy := slices.DeleteFunc(slices.Clone(all), func(s *scene) bool { return !s.Healthy })
	require.GreaterOrEqual(t, len(all), 80, "scenes")
	require.GreaterOrEqual(t, len(healthy), 10, "healthy scenes")
	return all
}

// validate returns what is missing in a scene, or would be ignored silently.
func (s *scene) validate() string {
	asked := s.Login == "" && s.Want.State == "" // the person presses our icon
	moved := s.Browser.Incognito || s.Browser.Tabs != nil || s.Browser.Back
	switch {
	case s.About == "":
		return "it says not what it is about"
	case s.Full && (s.Want.Untouched || s.countsTries()):
		return "make test plays what guards the card and its PINs"
	case s.Full && s.Windows == nil && s.withoutBrowser():
		return "make test plays it on the command line, which takes no time worth saving"
	case s.Want.Verdict == "" && s.Want.State == "":
		return "nothing is wanted"
	case s.Card != nil && s.Cards != nil:
		return "card and cards exclude each other"
	case s.Windows != nil && asKey(s.Browser, s.App, s.Host, s.Login, s.Page, s.Want.Says, s.Want.State, s.Want.Untouched, s.Want.Broken) != asKey(sceneBrowser{}, "", "", "", "", "", "", false, ""):
		return "the Windows program is asked from its command line: there is no browser"
	case s.Windows == nil && s.Want.Args != nil && !s.machineOnly():
		return "args are compared where the command line is asked"
	case !asked && s.Want.Finding != "":
		return "finding belongs to the popup"
	case asked && s.Want.Apart:
		return "apart belongs to a banner"
	case !asked && s.Want.State == "":
		return "a login has a state"
	case (s.Want.Finding == "") != (s.Want.Status == ""):
		return "finding and status belong together"
	case s.Want.Untouched && s.Card == nil && s.Cards == nil:
		return "without a card none is touched"
	case !asked && moved:
		return "tabs, back and incognito are asked by our icon"
	}
	return ""
}

// attempt reports whether the result is the banner on the page, not the popup.
func (s *scene) attempt() bool { return s.Login != "" || s.Want.State != "" }

// countsTries reports whether the scene is about the tries that a PIN has left.
func (s *scene) countsTries() bool {
	counted := func(c sceneCard) bool { return c.LoginTries != nil || c.SigningTries != nil }
	return s.Card != nil && counted(*s.Card) || slices.ContainsFunc(slices.Collect(maps.Values(s.Cards)), counted)
}

// transient reports whether the state is over after the first check.
func (s *scene) transient() bool {
	return s.Pcscd == "dies" || s.Card != nil && (s.Card.TakenOffAt > 0 || s.Card.FirstSW != "")
}

// withoutBrowser reports whether the browser has no part in the scene.
func (s *scene) withoutBrowser() bool {
	browser, err := json.Marshal(s.Browser)
	plain, _ := json.Marshal(sceneBrowser{})
	return err == nil && bytes.Equal(browser, plain) && s.Login == "" && s.Page == "" && s.Host == ""
}

// machineOnly reports whether the command line, asked after the browser, has to give the same result.
func (s *scene) machineOnly() bool { return s.withoutBrowser() && !s.transient() }

// bench sets up the readers, the cards and their service, and returns the cards.
func (s *scene) bench(t testing.TB) (cards []*virtualcard.Card) {
	t.Helper()
	readers := []string{harness.ReaderName}
	if s.Readers != nil {
		readers = *s.Readers
	}
	d := pcsctest.Start(t, readers...)
	if s.Fault == pcsctest.Mute {
		d.Fail(t, 0, s.Fault)
	}
	given := s.Cards
	if s.Card != nil {
		given = map[string]sceneCard{"0": *s.Card}
	}
	for reader, card := range given {
		n, err := strconv.Atoi(reader)
		require.NoError(t, err)
		c := virtualcard.New(card.profile(t))
		cards = append(cards, c)
		d.Insert(t, n, c)
	}
	switch s.Fault {
	case "":
	case pcsctest.Mute:
		d.WaitForState(t, 0, pcsc.StateMute)
	case pcsctest.Gone:
		d.Fail(t, 0, s.Fault)
		d.WaitForState(t, 0, pcsc.StateUnavailable)
	default:
		d.Fail(t, 0, s.Fault)
	}
	switch s.Held {
	case "":
	case "exclusive":
		pcsctest.HoldExclusively(t, d.SlotName(t, 0))
	case "transaction":
		pcsctest.HoldTransaction(t, d.SlotName(t, 0))
	default:
		require.Fail(t, "nobody holds a card like this", s.Held)
	}
	switch s.Pcscd {
	case "":
	case "stopped":
		d.Stop()
	case "dies":
		stopped := make(chan struct{})
		t.Cleanup(func() { <-stopped })
		go func() {
			defer close(stopped)
			for len(cards[0].Record()) < 2 && t.Context().Err() == nil {
				time.Sleep(time.Millisecond) // the card cannot signal that it was read
			}
			d.Stop()
		}()
	default:
		require.Fail(t, "the service is never like this", s.Pcscd)
	}
	return cards
}

func (c sceneCard) profile(t testing.TB) virtualcard.Profile {
	t.Helper()
	p := virtualcard.Healthy(time.Now())
	word := func(into *uint16, text string) {
		if text == "" {
			return
		}
		n, err := strconv.ParseUint(text, 16, 16)
		require.NoError(t, err)
		*into = uint16(n)
	}
	word(&p.LockedSW, c.LockedSW)
	word(&p.SelectSW, c.SelectSW)
	word(&p.FirstSW, c.FirstSW)
	if c.ATR != "" {
		atr, err := hex.DecodeString(c.ATR)
		require.NoError(t, err)
		p.ATR = atr
	}
	if c.Label != "" {
		p.Label = c.Label
	}
	if c.Organization != "" {
		p.Issuance.Organization = c.Organization
	}
	if c.CA != "" {
		id, known := map[string]string{"2015": virtualcard.CA2015, "2019": virtualcard.CA2019, "2023": virtualcard.CA2023, "none": virtualcard.CANone}[c.CA]
		require.True(t, known, c.CA)
		p.Issuance.CAKeyID = id
	}
	if c.NotBefore != nil {
		p.Issuance.NotBefore = time.Now().Add(time.Duration(*c.NotBefore))
	}
	if c.NotAfter != nil {
		p.Issuance.NotAfter = time.Now().Add(time.Duration(*c.NotAfter))
	}
	if c.LoginTries != nil {
		p.LoginTries = *c.LoginTries
	}
	if c.SigningTries != nil {
		p.SigningTries = *c.SigningTries
	}
	p.Issuance.P384, p.LoginVerified, p.NoLogin, p.NoSigning = c.P384, c.LoginVerified, c.NoLogin, c.NoSigning
	p.RefuseSFI, p.RefuseExtended, p.GetResponse, p.ExactLength = c.RefuseSFI, c.RefuseExtended, c.GetResponse, c.ExactLength
	p.Filler, p.TakenOffAt, p.Delay = c.Filler, c.TakenOffAt, time.Duration(c.Delay)
	switch c.Certificate {
	case "":
	case "garbage":
		p.Certificate = []byte("garbage")
	case "half":
		p.Certificate = virtualcard.New(virtualcard.Healthy(time.Now())).File(0x000A)[:800]
	default:
		require.Fail(t, "no certificate is like this", c.Certificate)
	}
	return p
}

// groupScenes groups the scenes that can share what takes long to start: a browser, or a session of Windows.
func groupScenes(scenes []*scene) (linux, windows [][]*scene) {
	at := map[string]int{}
	for _, s := range scenes {
		groups, key := &linux, s.browserKey()
		if s.Windows != nil {
			groups, key = &windows, s.sessionKey()
		}
		i, there := at[key]
		if !there {
			i, at[key] = len(*groups), len(*groups)
			*groups = append(*groups, nil)
		}
		(*groups)[i] = append((*groups)[i], s)
	}
	return linux, windows
}

// groupName names the group of which a scene is the first. Without slashes, each scene is at the same depth for -run.
func (s *scene) groupName() string { return "as " + strings.ReplaceAll(s.name, "/", " ") }

// browserKey is equal for scenes with the same values that a browser reads at its start.
func (s *scene) browserKey() string {
	start := s.Browser
	start.Tabs, start.Back = nil, false
	return asKey("browser", start, s.App)
}

// sessionKey is equal for scenes with the same readers and cards, and the same values that Windows reads at its start.
func (s *scene) sessionKey() string {
	start := maps.Clone(s.Windows.Registry)
	maps.DeleteFunc(start, func(key string, _ map[string]json.RawMessage) bool {
		return !strings.Contains(key, `\System\`) && !strings.HasSuffix(key, `\Wine`)
	})
	return asKey("session", s.Card, s.Cards, s.Readers, s.Fault, s.Held, s.Pcscd, start)
}

func asKey(parts ...any) string {
	data, err := json.Marshal(parts)
	if err != nil {
		panic(err) // cannot happen: parts are words, numbers and flags
	}
	return string(data)
}

// setup returns the setup of the scene's browser.
func (s *scene) setup(t testing.TB) harness.Setup {
	t.Helper()
	made := harness.Setup{
		Manifest: sceneHost(t, s.Host), Language: s.Browser.Language, Policies: string(s.Browser.Policies), Deadlines: s.deadlines(),
		Path: s.Page,
		Own:  s.changesBefore() || s.Browser.Bridge == "twice",
	}
	if s.changesBefore() {
		made.Path = "/number" // a page with nothing to find
	}
	app, known := map[string]string{"": "", "waits": "", "accepted": harness.Accepted, "refused": harness.Refused, "ends": harness.Ends, "unregistered": harness.Unregistered}[s.Login]
	require.True(t, known, s.Login)
	made.App = app
	if s.Browser.Management {
		made.Allow = managementPermissions
	}
	if s.Browser.UserAgent {
		made.Extensions = append(made.Extensions, harness.Absolute(t, "../../testdata/useragent"))
	}
	switch s.Browser.Cookies {
	case "":
	case "blocked":
		made.Preferences = `{"profile":{"default_content_setting_values":{"cookies":2}}}`
	default:
		require.Fail(t, "cookies are never like this", s.Browser.Cookies)
	}
	switch s.Browser.Bridge {
	case "", "off":
	case "none":
		made.NoBridge = true
	case "twice":
		made.Extensions = append(made.Extensions, secondBridge(t))
	case "outdated":
		made.Newest = "37"
	default:
		require.Fail(t, "the bridge is never like this", s.Browser.Bridge)
	}
	return made
}

// deadlines shortens the one that the scene waits for, and the pause between checks: a check that still waits would be made in the
// next scene.
func (s *scene) deadlines() harness.Deadlines {
	d := harness.Deadlines{LookPause: 300}
	switch {
	case !s.attempt():
		return harness.Deadlines{}
	case s.Want.State == "launched":
		d.Looks = []int{300, harness.Never}
	case s.Want.State == "stalled" && s.Login == "accepted":
		d.NextPage = 300
	case s.Want.State == "stalled":
		return harness.Soon
	case s.Want.State == "pressed":
		d.Launch = 300
	}
	return d
}

// changesBefore reports whether the running browser is changed before the page is opened.
func (s *scene) changesBefore() bool {
	return s.Browser.Bridge == "off" || s.Browser.Brand != "" || s.Browser.Incognito
}

// secondBridge returns the folder of a second copy of the bridge, with another id.
func secondBridge(t testing.TB) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "bridge")
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(folder) })
	require.NoError(t, os.CopyFS(folder, os.DirFS("../../testdata/bridge/extension")))
	harness.Change(t, filepath.Join(folder, "manifest.json"), func(m map[string]any) { delete(m, "key") })
	return folder
}

// hostScript is a host that is a shell script.
func hostScript(t testing.TB, text string) *manifests.Host {
	t.Helper()
	path := filepath.Join(t.TempDir(), "host.sh")
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o755))
	m := manifests.ForHost(path)
	return &m
}

// says is a host that says hello with this protocol, and gives one answer.
func says(t testing.TB, protocol int, answer string) *manifests.Host {
	t.Helper()
	return hostScript(t, "cat "+greeting(t, protocol, answer)+"\nexec cat >/dev/null\n")
}

// greeting returns the path of a file with a hello and what follows it.
func greeting(t testing.TB, protocol int, answers ...string) string {
	t.Helper()
	frames := harness.Framed(fmt.Sprintf(`{"type":"hello","protocol":%d,"version":"x","os":"linux","arch":"amd64"}`, protocol))
	for _, answer := range answers {
		frames = append(frames, harness.Framed(answer)...)
	}
	path := filepath.Join(t.TempDir(), "frames")
	require.NoError(t, os.WriteFile(path, frames, 0o644))
	return path
}

// sceneHost is the registration of our host in the browser's profile; nil for none.
func sceneHost(t testing.TB, how string) *manifests.Host {
	t.Helper()
	const nothing = `{"type":"report","id":"1","report":{"findings":[]}}`
	switch how {
	case "":
		return harness.Registered()
	case "missing":
		return nil
	case "forbidden":
		m := harness.Registered()
		m.AllowedOrigins = []string{"chrome-extension://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/"}
		return m
	case "exits":
		return hostScript(t, "exit 1\n")
	case "deaf": // its input is closed, as that of a host that ends after its hello; it lives as long as the browser
		return hostScript(t, "exec <&-\ncat "+greeting(t, version.Protocol)+"\nexec tail -f --pid=$PPID /dev/null\n")
	case "garbled":
		return hostScript(t, "echo Starting host...\n")
	case "silent":
		return hostScript(t, "cat >/dev/null\n")
	case "older":
		return says(t, 0, nothing)
	case "newer":
		return says(t, 2, nothing)
	}
	require.Fail(t, "no host is like this", how)
	return nil
}

// sceneApp sets the folder in which this process's browsers and hosts look for the registration of the bridge's app.
func sceneApp(t *testing.T, how string) {
	t.Helper()
	if how == "" {
		return
	}
	config := filepath.Join(filepath.Dir(harness.HostProgram), "app-"+how) // for as long as a browser that has read it may live
	require.NoError(t, os.MkdirAll(filepath.Join(config, "chromium"), 0o755))
	switch how {
	case "missing":
	case "other-browser":
		hosts := filepath.Join(config, "google-chrome", "NativeMessagingHosts")
		require.NoError(t, os.MkdirAll(hosts, 0o755))
		data, err := os.ReadFile(filepath.Join(os.Getenv("XDG_CONFIG_HOME"), "chromium", "NativeMessagingHosts", "jp.go.cao.mpa.json"))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(hosts, "jp.go.cao.mpa.json"), data, 0o644))
	default:
		require.Fail(t, "no app is like this", how)
	}
	t.Setenv("XDG_CONFIG_HOME", config)
}

// machine is the Windows machine of a scene: the usual one with the scene's differences.
func (s *sceneWindows) machine(t testing.TB) *writtenMachine {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(scenesFolder, "windows.json"))
	require.NoError(t, err)
	var usual platformtest.Fixture
	require.NoError(t, json.Unmarshal(data, &usual))
	for key, values := range s.Registry {
		usual.Registered[key] = values
	}
	for path, content := range s.Files {
		if string(content) == "null" {
			delete(usual.Paths, path)
			continue
		}
		usual.Paths[path] = content
	}
	return &writtenMachine{Machine: usual, Browser: s.Browser}
}

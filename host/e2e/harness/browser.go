//go:build linux && cgo

// Package harness starts the real parts together, for tests and benchmarks: Chromium with the unpacked extension, a local site that
// plays the e-Tax login page, the host program registered in the profile, pcscd, and a virtual card.
package harness

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"etax-doctor/manifests"
)

const (
	chromium  = "/usr/lib/chromium/chromium"
	LoginHost = "login.e-tax.nta.go.jp"
	LoginPage = "https://" + LoginHost + "/login/reception/loginIndividual"
	// FormsHost is that of 作成コーナー.
	FormsHost = "www.keisan.nta.go.jp"
	FormsPage = "https://" + FormsHost + "/kyoutu/ky/sm/"
	// ForeignHost is a site that the extension may not look at.
	ForeignHost = "www.example.com"
	// Timeout ends what hangs. On a computer that is busy with other work, starting a program may take most of a minute.
	Timeout = 2 * time.Minute
	// artifacts is where screenshots are kept, outside git.
	artifacts = "../../artifacts/screenshots"
)

var (
	HostProgram string
	ExtensionID = strings.TrimSuffix(strings.TrimPrefix(manifests.AllowedOrigins()[0], "chrome-extension://"), "/")
)

// Setup describes the browser of a test.
type Setup struct {
	Manifest *manifests.Host // nil: no host is registered
	NoBridge bool
	Language string
	// App is the answer of the bridge's app: Accepted, Refused, Unregistered, Ends, or "" for none (it waits for a PIN).
	App string
	// Extensions are the folders of further extensions.
	Extensions []string
	// Allow makes optional permissions required, since a test cannot answer the browser's own permission dialog.
	Allow []string
	// Portal allows the pages of マイナポータル.
	Portal bool
	// Deadlines replace those of a login: a test shortens only what it waits for, because a busy computer is late with the rest.
	Deadlines Deadlines
	// Preferences of the profile, as JSON.
	Preferences string
	// Policies apply to this browser only.
	Policies string
	Path     string // see Address
	// Impatient shortens the deadline of a check to 0.5 s.
	Impatient bool
	// Open gives the banner an open shadow tree, for a test that has to look into it.
	Open bool
	// Welcome leaves the page of the first steps open, in front of e-Tax's.
	Welcome bool
	// Late makes the content script wait for ever before it reacts to changes of the page. In a hidden tab it waits long.
	Late bool
	// Newest is the version of the bridge that counts as the newest one; "" for the real one.
	Newest string
	// Own is for a test that changes the browser's own settings: no other test gets its browser.
	Own bool
}

// Deadlines are part of the extension's deadlines.json, in milliseconds; 0 or nil leaves one as it is shipped.
type Deadlines struct {
	Launch    int   `json:"launch,omitempty"`
	Looks     []int `json:"looks,omitempty"`
	NextPage  int   `json:"nextPage,omitempty"`
	LookPause int   `json:"lookPause,omitempty"`
}

// Soon is for a login that is to stall at once, wherever it is.
var Soon = Deadlines{Launch: 300, Looks: []int{300, 300, 300}, NextPage: 300, LookPause: 300}

// Never is a deadline that no test reaches.
const Never = 1 << 30

// Further cases of the bridge's app: it is not registered, or it ends without an answer.
const (
	Unregistered = "unregistered"
	Ends         = "ends"
)

const (
	Accepted = `{"mode":"01","result":"0","uuid":"PLANTED-UUID","signature":"PLANTED-SIGNATURE","certificate":"PLANTED-CERTIFICATE","combination_code":"PLANTED-CODE"}`
	Refused  = `{"mode":"01","result":"1","errcode":"EW001-0001"}`
)

func Registered() *manifests.Host {
	m := manifests.ForHost(HostProgram)
	return &m
}

// Browser is a running Chromium with the login page open.
type Browser struct {
	T    testing.TB
	Ctx  context.Context // of the login page's tab
	Site *Site
	// Folder is the folder of the profile.
	Folder string
}

// Site plays e-Tax and 作成コーナー: the last part of a path names a page of testdata/site, any other path is the login page.
// With ?behind=DURATION, its clock differs from this computer's.
type Site struct {
	mu      sync.Mutex
	cookies map[string]bool // the names of the cookies that it has received
	asked   int
}

// Requests is how many requests the site has had.
func (s *Site) Requests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.asked++
	for _, c := range r.Cookies() {
		s.cookies[c.Name] = true
	}
	s.mu.Unlock()
	if behind, err := time.ParseDuration(r.URL.Query().Get("behind")); err == nil { // than this computer's clock
		w.Header().Set("Date", time.Now().Add(-behind).UTC().Format(http.TimeFormat))
	}
	http.SetCookie(w, &http.Cookie{Name: "PLANTED-NAME", Value: "PLANTED-VALUE", Path: "/", HttpOnly: true, Secure: true})
	folders := []string{"../../testdata/site"}
	if r.Host == FormsHost {
		folders = []string{"../../testdata/site/keisan", "../../testdata/site"}
	}
	for _, folder := range folders {
		page := filepath.Join(folder, path.Base(r.URL.Path)+".html")
		if _, err := os.Stat(page); err == nil {
			http.ServeFile(w, r, page)
			return
		}
	}
	http.ServeFile(w, r, "../../testdata/site/login.html")
}

func (s *Site) Sent(cookie string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cookies[cookie]
}

func (s *Site) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cookies = map[string]bool{}
}

// Address is the address of a page: a path on the login host, or a whole address; "" for the login page.
func Address(path string) string {
	switch {
	case path == "":
		return LoginPage
	case strings.HasPrefix(path, "https://"):
		return path
	}
	return "https://" + LoginHost + path
}

// StartBrowser is a browser with the login page open, for one test at a time. Starting one takes longer than most tests: a
// browser that differs in nothing which it reads at its start serves one test after another, with nothing left of the last.
func StartBrowser(t testing.TB, s Setup) *Browser {
	t.Helper()
	if s.Language == "" {
		s.Language = "ja"
	}
	r := takeRunning(t, s)
	b := &Browser{T: t, Ctx: r.idle.Ctx, Site: r.newSite(), Folder: r.idle.Folder}
	if s.Welcome {
		r.prepare(t, s)
		require.NoError(t, chromedp.Do(b.Ctx, chromedp.Navigate(Address(s.Path))))
	} else {
		b.Ctx = r.freshTab(t, s)
	}
	require.NoError(t, chromedp.Do(b.Ctx, chromedp.WaitVisible(chromedp.CSS("body"))))
	b.WaitUntilWatched()
	return b
}

// WaitUntilWatched waits until the content script watches the page and the worker knows it. An extension that has only
// just been loaded may need a second load of the page.
func (b *Browser) WaitUntilWatched() {
	b.T.Helper()
	b.InWorker(`(async () => {
		const [tab] = await chrome.tabs.query({url: "https://*.nta.go.jp/*"});
		await (` + untilAnswered + `)(tab.id);
		const key = "attempt:" + tab.id;
		while (!(await chrome.storage.session.get(key))[key]) await new Promise((next) => setTimeout(next, 10));
	})()`)
}

// waitForExtension waits until the browser has loaded an extension: a page that is opened before it is never watched.
func waitForExtension(t testing.TB, ctx context.Context, id string) {
	t.Helper()
	require.Eventually(t, func() bool {
		return chromedp.Do(ctx, chromedp.Navigate("chrome-extension://"+id+"/manifest.json")) == nil
	}, Timeout, 10*time.Millisecond, "the extension %s is not there", id)
}

// withPolicies returns the browser's program or, with policies, a script that starts it and mounts a folder of its own
// over the folder of the machine's policies.
func withPolicies(t testing.TB, folder, policies string) string {
	t.Helper()
	if policies == "" {
		return chromium
	}
	const managed = "/etc/chromium/policies/managed"
	if os.Getuid() != 0 || exec.Command("unshare", "-m", "true").Run() != nil || os.MkdirAll(managed, 0o755) != nil {
		t.Skip("not checked: the browser under policies, which needs root and mount namespaces")
	}
	dir := filepath.Join(folder, "policies")
	require.NoError(t, os.Mkdir(dir, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "test.json"), []byte(policies), 0o644))
	script := filepath.Join(folder, "chromium.sh")
	require.NoError(t, os.WriteFile(script, fmt.Appendf(nil,
		"#!/bin/sh\nexec unshare -m sh -c 'mount --bind %s %s && exec %s \"$@\"' sh \"$@\"\n", dir, managed, chromium), 0o755))
	return script
}

const shippedExtension = "../../extension"

// writeTables writes the tables that the extension reads each time it needs them. It may be reading them: each is replaced at once.
func writeTables(t testing.TB, dir string, s Setup) {
	t.Helper()
	var deadlines map[string]any
	shipped, err := os.ReadFile(filepath.Join(shippedExtension, "deadlines.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(shipped, &deadlines))
	changed, err := json.Marshal(s.Deadlines)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(changed, &deadlines))
	table, err := json.Marshal(deadlines)
	require.NoError(t, err)
	replaceFile(t, filepath.Join(dir, "deadlines.json"), table)

	shipped, err = os.ReadFile(filepath.Join(shippedExtension, "bridges.json"))
	require.NoError(t, err)
	bridges := string(shipped)
	replace := func(old, by string) {
		require.Contains(t, bridges, old)
		bridges = strings.ReplaceAll(bridges, old, by)
	}
	if s.Newest != "" {
		replace(`"newest":"36"`, `"newest":"`+s.Newest+`"`)
	}
	if s.Allow != nil { // if our extension can list the others, it recognises the fake bridge only by its id
		replace("fjjibalalngebiaophebgkkohaaggphf", BridgeID)
	}
	replaceFile(t, filepath.Join(dir, "bridges.json"), []byte(bridges))
}

// replaceFile gives a file another content, so that who reads it gets all of the old one or all of the new one.
func replaceFile(t testing.TB, path string, content []byte) {
	t.Helper()
	require.NoError(t, os.WriteFile(path+".new", content, 0o644))
	require.NoError(t, os.Rename(path+".new", path))
}

// ourExtension fills a folder with our extension, changed as the setup says.
func ourExtension(t testing.TB, dir string, s Setup) {
	t.Helper()
	require.NoError(t, os.CopyFS(dir, os.DirFS(shippedExtension)))
	if s.Impatient {
		Replace(t, filepath.Join(dir, "ui", "diagnosis.js"), "CHECK_DEADLINE = 15_000", "CHECK_DEADLINE = 500")
	}
	if s.Open {
		Replace(t, filepath.Join(dir, "content", "banner.js"), `mode: "closed"`, `mode: "open"`)
	}
	if s.Late {
		Replace(t, filepath.Join(dir, "content", "look.js"), "const GATHER_TIME = 100;", "const GATHER_TIME = 2 ** 30;")
	}
	if s.Portal {
		Change(t, filepath.Join(dir, "manifest.json"), func(m map[string]any) {
			m["host_permissions"] = append(m["host_permissions"].([]any), m["optional_host_permissions"].([]any)...)
		})
	}
	if s.Allow != nil {
		Change(t, filepath.Join(dir, "manifest.json"), func(m map[string]any) {
			permissions := m["permissions"].([]any)
			for _, p := range s.Allow {
				permissions = append(permissions, p)
			}
			m["permissions"] = permissions
			delete(m, "optional_permissions")
		})
	}
}

// Replace edits a text in a file.
func Replace(t testing.TB, file, old, by string) {
	t.Helper()
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Contains(t, string(data), old)
	require.NoError(t, os.WriteFile(file, bytes.ReplaceAll(data, []byte(old), []byte(by)), 0o644))
}

// Change edits a JSON object in a file.
func Change(t testing.TB, file string, edit func(map[string]any)) {
	t.Helper()
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	var m map[string]any
	require.NoError(t, json.Unmarshal(data, &m))
	edit(m)
	data, err = json.Marshal(m)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, data, 0o644))
}

// BridgeID is the id of the extension in testdata/bridge.
const BridgeID = "gkmekcfllcgfghdahjooacnghfkjidad"

// registerBridgeApp registers the bridge's app with the browser's profile.
func registerBridgeApp(t testing.TB, profile, answer string) {
	t.Helper()
	if answer == Unregistered {
		return
	}
	program := Build(t, "etax-doctor/testdata/bridge/app")
	dir := filepath.Dir(program)
	switch answer {
	case "":
	case Ends:
		require.NoError(t, os.WriteFile(filepath.Join(dir, "answer"), nil, 0o644))
	default:
		require.NoError(t, os.WriteFile(filepath.Join(dir, "answer"), []byte(answer), 0o644))
	}
	Register(t, profile, manifests.Host{Name: "jp.go.cao.mpa", Description: "MPA", Path: program, Type: "stdio",
		AllowedOrigins: []string{"chrome-extension://" + BridgeID + "/"}})
}

func Absolute(t testing.TB, path string) string {
	t.Helper()
	full, err := filepath.Abs(path)
	require.NoError(t, err)
	return full
}

func Register(t testing.TB, profile string, m manifests.Host) {
	t.Helper()
	dir := filepath.Join(profile, "NativeMessagingHosts")
	require.NoError(t, os.MkdirAll(dir, 0o755))
	data, err := json.Marshal(m)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, m.Name+".json"), data, 0o644))
}

// attachable waits for a target whose URL begins with prefix.
func (b *Browser) attachable(kind, prefix string) (id target.ID) {
	b.T.Helper()
	require.Eventually(b.T, func() bool {
		targets, err := chromedp.Targets(b.Ctx)
		if err != nil {
			return false
		}
		for _, x := range targets {
			if x.Type == kind && strings.HasPrefix(x.URL, prefix) {
				id = x.TargetID
				return true
			}
		}
		return false
	}, Timeout, 5*time.Millisecond, "no %s at %s", kind, prefix)
	return id
}

// Attach waits for a target whose URL begins with prefix, and attaches to it.
func (b *Browser) Attach(kind, prefix string) context.Context {
	b.T.Helper()
	id := b.attachable(kind, prefix)
	ctx, cancel := chromedp.NewContext(b.Ctx, chromedp.WithTargetID(id), chromedp.WithDetachOnCancel())
	b.T.Cleanup(cancel)
	return ctx
}

// WaitUntilClosed waits until no page is open whose URL ends with suffix.
func (b *Browser) WaitUntilClosed(suffix string) {
	b.T.Helper()
	require.Eventually(b.T, func() bool {
		targets, err := chromedp.Targets(b.Ctx)
		return err == nil && !slices.ContainsFunc(targets, func(x *target.Info) bool { return strings.HasSuffix(x.URL, suffix) })
	}, Timeout, Poll, "%s stays open", suffix)
}

// PressIcon opens the popup as a click on the toolbar icon does, and waits for its verdict.
func (b *Browser) PressIcon() *Popup {
	b.T.Helper()
	worker := b.Attach("service_worker", "chrome-extension://"+ExtensionID+"/")
	ctx, cancel := context.WithTimeout(worker, Timeout)
	defer cancel()
	require.NoError(b.T, chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](whenActive, chromedp.EvalAwaitPromise)))
	p := &Popup{T: b.T, Ctx: b.Attach("page", "chrome-extension://"+ExtensionID+"/ui/popup.html")}
	p.WaitForVerdict()
	return p
}

// whenActive opens the popup. For a moment after another popup was closed, no window is active.
const whenActive = `(async () => {
	for (;;) {
		try {
			return await chrome.action.openPopup();
		} catch (error) {
			if (!String(error).includes("active browser window")) throw error;
			await new Promise((next) => setTimeout(next, 10));
		}
	}
})()`

// untilAnswered waits until the content script of a tab answers. When the extension has only just been loaded, that may
// take a second load of the page.
const untilAnswered = `async (id) => {
	for (;;) {
		while ((await chrome.tabs.get(id)).status !== "complete") await new Promise((next) => setTimeout(next, 10));
		try {
			await chrome.tabs.sendMessage(id, {type: "page-facts"});
			return id;
		} catch {
			await chrome.tabs.reload(id);
		}
	}
}`

// AllowIncognito turns on what a person would turn on at chrome://extensions: access to incognito windows. The bridge
// gets it too, so that only the window itself is the cause.
func (b *Browser) AllowIncognito() {
	b.T.Helper()
	// This reloads the extension, which does not know then what an open page has launched, and leaves the card alone.
	require.NoError(b.T, chromedp.Do(b.Ctx, chromedp.Navigate("about:blank")))
	settings, cancel := chromedp.NewContext(b.Ctx)
	defer cancel()
	require.NoError(b.T, chromedp.Do(settings, chromedp.Navigate("chrome://extensions"),
		chromedp.Evaluate[chromedp.Void](`(async () => {
			const api = chrome.developerPrivate;
			await api.updateProfileConfiguration({inDeveloperMode: true});
			for (const extension of await api.getExtensionsInfo()) {
				await api.updateExtensionConfiguration({extensionId: extension.id, incognitoAccess: true});
			}
		})()`, chromedp.EvalAwaitPromise)))
	waitForExtension(b.T, settings, BridgeID)
	waitForExtension(b.T, settings, ExtensionID)
}

// ReportOnIncognitoTab opens the login page in an incognito window, and the popup's page for it in a normal tab.
func (b *Browser) ReportOnIncognitoTab() *Popup {
	b.T.Helper()
	page := "chrome-extension://" + ExtensionID + "/ui/popup.html"
	ctx, cancel := chromedp.NewContext(b.Ctx)
	b.T.Cleanup(cancel)
	require.NoError(b.T, chromedp.Do(ctx, chromedp.Navigate(page)))
	tab, err := chromedp.Run(ctx, chromedp.Evaluate[int](`(async () => {
		const window = await chrome.windows.create({incognito: true, url: "`+LoginPage+`"});
		const id = window.tabs[0].id;
		return (`+untilAnswered+`)(id);
	})()`, chromedp.EvalAwaitPromise))
	require.NoError(b.T, err)
	require.NoError(b.T, chromedp.Do(ctx, chromedp.Navigate(fmt.Sprintf("%s?tab=%d", page, tab))))
	p := &Popup{T: b.T, Ctx: ctx}
	p.WaitForVerdict()
	return p
}

type Popup struct {
	T   testing.TB
	Ctx context.Context
}

func (p *Popup) WaitForVerdict() { p.T.Helper(); p.WaitUntil(`document.body.dataset.code`) }

// WaitUntil waits until an expression is true in the page, which may still be on its way from the empty page of a new tab.
func (p *Popup) WaitUntil(condition string) {
	p.T.Helper()
	err := chromedp.Do(p.Ctx, chromedp.Poll[chromedp.Void](condition, chromedp.WithPollingTimeout(Timeout)))
	for err != nil && (strings.Contains(err.Error(), "Execution context was destroyed") || strings.Contains(err.Error(), "Inspected target navigated")) {
		err = chromedp.Do(p.Ctx, chromedp.Poll[chromedp.Void](condition, chromedp.WithPollingTimeout(Timeout)))
	}
	require.NoError(p.T, err)
}

func (p *Popup) Evaluate(script string) string {
	p.T.Helper()
	result, err := chromedp.Run(p.Ctx, chromedp.Evaluate[string](script))
	require.NoError(p.T, err)
	return result
}

func (p *Popup) Code() string { p.T.Helper(); return p.Evaluate(`document.body.dataset.code`) }

func (p *Popup) Title() string {
	p.T.Helper()
	return p.Evaluate(`document.getElementById("title").textContent`)
}

// Broken is the name of the station that is marked as broken, or "".
func (p *Popup) Broken() string {
	p.T.Helper()
	return p.Evaluate(`document.querySelector(".station.broken")?.dataset.station ?? ""`)
}

func (p *Popup) Station(name string) string {
	p.T.Helper()
	return p.Evaluate(`document.querySelector('.station[data-station="` + name + `"]').dataset.state`)
}

// Finding is the status of a finding on the full page.
func (p *Popup) Finding(code string) string {
	p.T.Helper()
	return p.Evaluate(`document.querySelector('#findings [data-code="` + code + `"]')?.className ?? "absent"`)
}

// Full opens the full page from the popup.
func (p *Popup) Full(b *Browser) *Popup {
	p.T.Helper()
	require.NoError(p.T, chromedp.Do(p.Ctx, chromedp.Evaluate[chromedp.Void](`document.getElementById("full").click()`)))
	page := &Popup{T: p.T, Ctx: b.Attach("page", "chrome-extension://"+ExtensionID+"/ui/report.html?tab=")}
	page.WaitForVerdict()
	return page
}

func (p *Popup) Screenshot(name string) { p.T.Helper(); Screenshot(p.T, p.Ctx, name) }

func Screenshot(t testing.TB, ctx context.Context, name string) {
	t.Helper()
	picture, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(artifacts, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(artifacts, name+".png"), picture, 0o644))
}

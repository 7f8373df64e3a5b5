//go:build linux && cgo

// Package e2e starts the real parts together: Chromium with the unpacked extension, a local site that plays the e-Tax
// login page, the host program registered in the profile, pcscd, and a virtual card.
package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"etax-doctor/manifests"
)

const (
	chromium  = "/usr/lib/chromium/chromium"
	loginHost = "login.e-tax.nta.go.jp"
	loginPage = "https://" + loginHost + "/login/reception/loginIndividual"
	patience  = 30 * time.Second
	// artifacts is where screenshots are kept, outside git.
	artifacts = "../../artifacts/screenshots"
)

var (
	hostProgram string
	extensionID = strings.TrimSuffix(strings.TrimPrefix(manifests.AllowedOrigins()[0], "chrome-extension://"), "/")
)

func TestMain(m *testing.M) {
	// Under nohup, what the tests start would ignore SIGHUP too; a signal that is caught here is not ignored there.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	dir, err := os.MkdirTemp("", "etax-doctor-e2e")
	if err != nil {
		log.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil { // some tests run the program as another user
		log.Fatal(err)
	}
	hostProgram = filepath.Join(dir, "etax-doctor")
	if out, err := exec.Command("go", "build", "-o", hostProgram, "etax-doctor/host").CombinedOutput(); err != nil {
		log.Fatalf("the host does not build: %v\n%s", err, out)
	}
	// A bridge's app as this user's Chromium would find it; nothing ever starts it.
	app := filepath.Join(dir, "chromium", "NativeMessagingHosts", "jp.go.cao.mpa.json")
	manifest := fmt.Sprintf(`{"name":"jp.go.cao.mpa","description":"MPA","path":%q,"type":"stdio",
		"allowed_origins":["chrome-extension://fjjibalalngebiaophebgkkohaaggphf/"]}`, hostProgram)
	if err := errors.Join(os.MkdirAll(filepath.Dir(app), 0o755), os.WriteFile(app, []byte(manifest), 0o644), os.Setenv("XDG_CONFIG_HOME", dir), os.Setenv("XDG_STATE_HOME", filepath.Join(dir, "state"))); err != nil {
		log.Fatal(err)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// setup says what the browser of a test is like.
type setup struct {
	manifest *manifests.Host // nil: no host is registered
	noBridge bool
	language string
	// app is what the bridge's app answers: "" for ever nothing, as behind a PIN window; unregistered and ends are others.
	app string
	// extensions are further ones, folders.
	extensions []string
	// allow moves optional permissions to the required ones, since nobody can press the browser's own question in a test.
	allow []string
	// hasty shortens the deadlines of a login.
	hasty bool
	// preferences of the profile, as JSON.
	preferences string
	// policies are the browser's, in force for it alone.
	policies string
	path     string // on the login host; "" for the login page
	// open gives the banner an open shadow tree, for a test that has to look into it.
	open bool
	// late puts off for ever what the page's changes lead to, as a hidden tab does for long.
	late bool
	// newest is the version of the bridge that counts as the newest one; "" for what is known.
	newest string
}

// The other ways of the bridge's app.
const (
	unregistered = "unregistered"
	ends         = "ends"
)

const (
	accepted = `{"mode":"01","result":"0","uuid":"PLANTED-UUID","signature":"PLANTED-SIGNATURE","certificate":"PLANTED-CERTIFICATE","combination_code":"PLANTED-CODE"}`
	refused  = `{"mode":"01","result":"1","errcode":"EW001-0001"}`
)

func registered() *manifests.Host {
	m := manifests.ForHost(hostProgram)
	return &m
}

// browser is a running Chromium with the login page open.
type browser struct {
	t    testing.TB
	ctx  context.Context // of the login page's tab
	site *site
	// folder is that of the profile.
	folder string
}

// site plays e-Tax: the last part of a path names a page of testdata/site, any other path is the login page.
type site struct {
	mu      sync.Mutex
	cookies map[string]bool // the names of those it was sent
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	for _, c := range r.Cookies() {
		s.cookies[c.Name] = true
	}
	s.mu.Unlock()
	http.SetCookie(w, &http.Cookie{Name: "PLANTED-NAME", Value: "PLANTED-VALUE", Path: "/", HttpOnly: true, Secure: true})
	page := filepath.Join("../../testdata/site", path.Base(r.URL.Path)+".html")
	if _, err := os.Stat(page); err != nil {
		page = "../../testdata/site/login.html"
	}
	http.ServeFile(w, r, page)
}

func (s *site) sent(cookie string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cookies[cookie]
}

func (s *site) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cookies = map[string]bool{}
}

func startBrowser(t testing.TB, s setup) *browser {
	t.Helper()
	b := &browser{t: t, site: &site{cookies: map[string]bool{}}}
	server := httptest.NewTLSServer(b.site)
	t.Cleanup(server.Close)
	siteURL, err := url.Parse(server.URL)
	require.NoError(t, err)

	profile := t.TempDir()
	b.folder = profile
	if s.manifest != nil {
		register(t, profile, *s.manifest)
	}
	if s.preferences != "" {
		require.NoError(t, os.MkdirAll(filepath.Join(profile, "Default"), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(profile, "Default", "Preferences"), []byte(s.preferences), 0o600))
	}
	extensions := []string{ourExtension(t, s)}
	if !s.noBridge {
		extensions = append(extensions, absolute(t, "../../testdata/bridge/extension"))
		registerBridgeApp(t, profile, s.app)
	}
	extensions = append(extensions, s.extensions...)
	if s.language == "" {
		s.language = "ja"
	}
	allocator, cancel := chromedp.NewExecAllocator(t.Context(),
		chromedp.ExecPath(withPolicies(t, s.policies)),
		chromedp.UserDataDir(profile),
		chromedp.NoSandbox,
		chromedp.NoFirstRun,
		chromedp.Headless,
		chromedp.Flag("load-extension", strings.Join(extensions, ",")),
		chromedp.Flag("host-resolver-rules", "MAP *.e-tax.nta.go.jp 127.0.0.1:"+siteURL.Port()),
		chromedp.Flag("ignore-certificate-errors", true),
		chromedp.Flag("lang", s.language),
		chromedp.Env("LANGUAGE="+s.language, "LANG="+s.language, "XDG_STATE_HOME="+filepath.Join(profile, "state")),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true),
		chromedp.WSURLReadTimeout(patience),
	)
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	b.ctx = ctx
	page := loginPage
	if s.path != "" {
		page = "https://" + loginHost + s.path
	}
	waitForExtension(t, ctx, extensionID)
	if !s.noBridge {
		waitForExtension(t, ctx, bridgeID)
	}
	require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(page), chromedp.WaitVisible(chromedp.CSS("body"))))
	b.waitUntilWatched()
	return b
}

// waitUntilWatched waits until the page is watched, and the worker has heard of it. An extension that has only just been
// loaded may need a second load of the page.
func (b *browser) waitUntilWatched() {
	b.t.Helper()
	b.inWorker(`(async () => {
		const [tab] = await chrome.tabs.query({url: "https://*.e-tax.nta.go.jp/*"});
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
	}, patience, 10*time.Millisecond, "the extension %s is not there", id)
}

// withPolicies is the browser's program, or a script that starts it where a folder of its own lies over that of the
// machine's policies.
func withPolicies(t testing.TB, policies string) string {
	t.Helper()
	if policies == "" {
		return chromium
	}
	const managed = "/etc/chromium/policies/managed"
	if os.Getuid() != 0 || exec.Command("unshare", "-m", "true").Run() != nil || os.MkdirAll(managed, 0o755) != nil {
		t.Skip("not checked: the browser under policies, which needs root and mount namespaces")
	}
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "test.json"), []byte(policies), 0o644))
	script := filepath.Join(t.TempDir(), "chromium.sh")
	require.NoError(t, os.WriteFile(script, fmt.Appendf(nil,
		"#!/bin/sh\nexec unshare -m sh -c 'mount --bind %s %s && exec %s \"$@\"' sh \"$@\"\n", dir, managed, chromium), 0o755))
	return script
}

// ourExtension is the folder to load: the one that is shipped, or a copy that differs in what the setup says.
func ourExtension(t testing.TB, s setup) string {
	t.Helper()
	shipped := absolute(t, "../../extension")
	if !s.hasty && s.allow == nil && s.newest == "" && !s.open && !s.late {
		return shipped
	}
	// Not t.TempDir(): the browser takes a comma in a test's name for the end of a folder's.
	dir, err := os.MkdirTemp("", "extension")
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	require.NoError(t, os.CopyFS(dir, os.DirFS(shipped)))
	if s.hasty {
		change(t, filepath.Join(dir, "deadlines.json"), func(m map[string]any) {
			m["launch"], m["looks"], m["nextPage"], m["lookPause"] = 300, []int{300, 300, 300}, 300, 300
		})
	}
	if s.open {
		replace(t, filepath.Join(dir, "content", "banner.js"), `mode: "closed"`, `mode: "open"`)
	}
	if s.late {
		replace(t, filepath.Join(dir, "content", "look.js"), "const GATHER_TIME = 100;", "const GATHER_TIME = 2 ** 30;")
	}
	if s.newest != "" {
		replace(t, filepath.Join(dir, "bridges.json"), `"newest":"36"`, `"newest":"`+s.newest+`"`)
	}
	if s.allow != nil {
		change(t, filepath.Join(dir, "manifest.json"), func(m map[string]any) {
			permissions := m["permissions"].([]any)
			for _, p := range s.allow {
				permissions = append(permissions, p)
			}
			m["permissions"] = permissions
			delete(m, "optional_permissions")
		})
		// With the profile's extensions to see, the fake bridge has to be known by its id.
		replace(t, filepath.Join(dir, "bridges.json"), "fjjibalalngebiaophebgkkohaaggphf", bridgeID)
	}
	return dir
}

// replace edits a text in a file.
func replace(t testing.TB, file, old, by string) {
	t.Helper()
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Contains(t, string(data), old)
	require.NoError(t, os.WriteFile(file, bytes.ReplaceAll(data, []byte(old), []byte(by)), 0o644))
}

// change edits a JSON object in a file.
func change(t testing.TB, file string, edit func(map[string]any)) {
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

// bridgeID is the id of the extension in testdata/bridge.
const bridgeID = "gkmekcfllcgfghdahjooacnghfkjidad"

// registerBridgeApp registers the bridge's app with the browser's profile.
func registerBridgeApp(t testing.TB, profile, answer string) {
	t.Helper()
	if answer == unregistered {
		return
	}
	dir := t.TempDir()
	program := filepath.Join(dir, "app")
	out, err := exec.Command("go", "build", "-o", program, "etax-doctor/testdata/bridge/app").CombinedOutput()
	require.NoError(t, err, string(out))
	switch answer {
	case "":
	case ends:
		require.NoError(t, os.WriteFile(filepath.Join(dir, "answer"), nil, 0o644))
	default:
		require.NoError(t, os.WriteFile(filepath.Join(dir, "answer"), []byte(answer), 0o644))
	}
	register(t, profile, manifests.Host{Name: "jp.go.cao.mpa", Description: "MPA", Path: program, Type: "stdio",
		AllowedOrigins: []string{"chrome-extension://" + bridgeID + "/"}})
}

func absolute(t testing.TB, path string) string {
	t.Helper()
	full, err := filepath.Abs(path)
	require.NoError(t, err)
	return full
}

func register(t testing.TB, profile string, m manifests.Host) {
	t.Helper()
	dir := filepath.Join(profile, "NativeMessagingHosts")
	require.NoError(t, os.MkdirAll(dir, 0o755))
	data, err := json.Marshal(m)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, m.Name+".json"), data, 0o644))
}

// attach waits for a target whose URL begins as given.
func (b *browser) attach(kind, prefix string) context.Context {
	b.t.Helper()
	var id target.ID
	require.Eventually(b.t, func() bool {
		targets, err := chromedp.Targets(b.ctx)
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
	}, patience, 5*time.Millisecond, "no %s at %s", kind, prefix)
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithTargetID(id), chromedp.WithDetachOnCancel())
	b.t.Cleanup(cancel)
	return ctx
}

// waitUntilClosed waits until no page is open whose URL ends as given.
func (b *browser) waitUntilClosed(suffix string) {
	b.t.Helper()
	require.Eventually(b.t, func() bool {
		targets, err := chromedp.Targets(b.ctx)
		return err == nil && !slices.ContainsFunc(targets, func(x *target.Info) bool { return strings.HasSuffix(x.URL, suffix) })
	}, patience, step, "%s stays open", suffix)
}

// pressIcon opens the popup as a click on the toolbar icon does, and waits for its verdict.
func (b *browser) pressIcon() *popup {
	b.t.Helper()
	worker := b.attach("service_worker", "chrome-extension://"+extensionID+"/")
	require.NoError(b.t, chromedp.Do(worker, chromedp.Evaluate[chromedp.Void](`chrome.action.openPopup()`, chromedp.EvalAwaitPromise)))
	p := &popup{t: b.t, ctx: b.attach("page", "chrome-extension://"+extensionID+"/ui/popup.html")}
	p.waitForVerdict()
	return p
}

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

// allowIncognito switches on what a person would on chrome://extensions: access to incognito windows, for the bridge
// too, so that only the window itself is at fault.
func (b *browser) allowIncognito() {
	b.t.Helper()
	settings, cancel := chromedp.NewContext(b.ctx)
	defer cancel()
	require.NoError(b.t, chromedp.Do(settings, chromedp.Navigate("chrome://extensions"),
		chromedp.Evaluate[chromedp.Void](`(async () => {
			const api = chrome.developerPrivate;
			await api.updateProfileConfiguration({inDeveloperMode: true});
			for (const extension of await api.getExtensionsInfo()) {
				await api.updateExtensionConfiguration({extensionId: extension.id, incognitoAccess: true});
			}
		})()`, chromedp.EvalAwaitPromise)))
	// The extension is loaded anew, and a page from before does not answer it any more.
	require.NoError(b.t, chromedp.Do(b.ctx, chromedp.Navigate("about:blank")))
}

// reportOnIncognitoTab opens the login page in an incognito window and the popup's page, in a tab, on it.
func (b *browser) reportOnIncognitoTab() *popup {
	b.t.Helper()
	page := "chrome-extension://" + extensionID + "/ui/popup.html"
	ctx, cancel := chromedp.NewContext(b.ctx)
	b.t.Cleanup(cancel)
	require.NoError(b.t, chromedp.Do(ctx, chromedp.Navigate(page)))
	tab, err := chromedp.Run(ctx, chromedp.Evaluate[int](`(async () => {
		const window = await chrome.windows.create({incognito: true, url: "`+loginPage+`"});
		const id = window.tabs[0].id;
		return (`+untilAnswered+`)(id);
	})()`, chromedp.EvalAwaitPromise))
	require.NoError(b.t, err)
	require.NoError(b.t, chromedp.Do(ctx, chromedp.Navigate(fmt.Sprintf("%s?tab=%d", page, tab))))
	p := &popup{t: b.t, ctx: ctx}
	p.waitForVerdict()
	return p
}

type popup struct {
	t   testing.TB
	ctx context.Context
}

func (p *popup) waitForVerdict() {
	p.t.Helper()
	require.NoError(p.t, chromedp.Do(p.ctx, chromedp.Poll[chromedp.Void](`document.body.dataset.code`, chromedp.WithPollingTimeout(patience))))
}

func (p *popup) evaluate(script string) string {
	p.t.Helper()
	result, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](script))
	require.NoError(p.t, err)
	return result
}

func (p *popup) code() string { p.t.Helper(); return p.evaluate(`document.body.dataset.code`) }
func (p *popup) title() string {
	p.t.Helper()
	return p.evaluate(`document.getElementById("title").textContent`)
}

// broken names the station of the way that is marked as the broken link, or "".
func (p *popup) broken() string {
	p.t.Helper()
	return p.evaluate(`document.querySelector(".station.broken")?.dataset.station ?? ""`)
}

func (p *popup) station(name string) string {
	p.t.Helper()
	return p.evaluate(`document.querySelector('.station[data-station="` + name + `"]').dataset.state`)
}

// finding is the status of a finding on the full page.
func (p *popup) finding(code string) string {
	p.t.Helper()
	return p.evaluate(`document.querySelector('#findings [data-code="` + code + `"]')?.className ?? "absent"`)
}

// full opens the full page from the popup.
func (p *popup) full(b *browser) *popup {
	p.t.Helper()
	require.NoError(p.t, chromedp.Do(p.ctx, chromedp.Evaluate[chromedp.Void](`document.getElementById("full").click()`)))
	page := &popup{t: p.t, ctx: b.attach("page", "chrome-extension://"+extensionID+"/ui/report.html?tab=")}
	page.waitForVerdict()
	return page
}

func (p *popup) screenshot(name string) { p.t.Helper(); screenshot(p.t, p.ctx, name) }

func screenshot(t testing.TB, ctx context.Context, name string) {
	t.Helper()
	picture, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(artifacts, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(artifacts, name+".png"), picture, 0o644))
}

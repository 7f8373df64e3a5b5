//go:build linux && cgo

package harness

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"etax-doctor/checks/smartcard/pcsctest"
)

// running is a browser that tests use one after another.
type running struct {
	key string
	// idle is the browser with its first tab, which stays on an empty page.
	idle *Browser
	site atomic.Pointer[Site]
	end  func()
}

// The browsers that no test uses at the moment, the one used last at the end.
var (
	runningMu sync.Mutex
	unused    []*running
)

// maxUnused is how many browsers wait for a test: each takes 0.3 GB.
const maxUnused = 4

// startKey is equal for setups of which a browser would read the same at its start.
func startKey(s Setup) string {
	s.Manifest, s.App, s.Path, s.Deadlines, s.Newest = nil, "", "", Deadlines{}, ""
	key, err := json.Marshal(s)
	if err != nil {
		panic(err) // cannot happen: it is plain data
	}
	return string(key) + startEnvironment()
}

// startEnvironment is what a browser reads of the environment at its start.
func startEnvironment() (all string) {
	for _, name := range []string{"XDG_CONFIG_HOME", "HOME", "PATH", "USER"} {
		all += "\n" + os.Getenv(name)
	}
	return all
}

// takeRunning returns a browser that nobody uses, or starts one. After a test that has not failed, another test may have it.
func takeRunning(t testing.TB, s Setup) *running {
	t.Helper()
	key := startKey(s)
	runningMu.Lock()
	i := slices.IndexFunc(unused, func(r *running) bool { return r.key == key })
	var r *running
	alone := s.Own || s.Welcome // the page of the first steps opens once
	if i >= 0 && !alone {
		r = unused[i]
		unused = slices.Delete(unused, i, i+1)
	}
	runningMu.Unlock()
	if r == nil {
		r = start(t, s)
		r.key = key
	}
	t.Cleanup(func() {
		if alone || t.Failed() {
			r.end()
			return
		}
		r.closePages(t)
		runningMu.Lock()
		unused = append(unused, r)
		var oldest *running
		if len(unused) > maxUnused {
			oldest, unused = unused[0], unused[1:]
		}
		runningMu.Unlock()
		if oldest != nil {
			oldest.end()
		}
	})
	return r
}

// endRunning ends the browsers that nobody uses.
func endRunning() {
	for _, r := range unused {
		r.end()
	}
}

// start starts a browser that outlives the test, and waits for its extensions.
func start(t testing.TB, s Setup) *running {
	t.Helper()
	folder, err := os.MkdirTemp("", "etax-doctor-browser")
	require.NoError(t, err)
	r := &running{idle: &Browser{T: t, Folder: filepath.Join(folder, "profile")}}
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) { r.site.Load().ServeHTTP(w, q) }))
	siteURL, err := url.Parse(server.URL)
	require.NoError(t, err)
	r.newSite()
	require.NoError(t, os.MkdirAll(filepath.Join(r.idle.Folder, "Default"), 0o755))
	if s.Preferences != "" {
		require.NoError(t, os.WriteFile(filepath.Join(r.idle.Folder, "Default", "Preferences"), []byte(s.Preferences), 0o600))
	}
	ourExtension(t, r.idle.extension(), s)
	extensions := []string{r.idle.extension()}
	if !s.NoBridge {
		extensions = append(extensions, Absolute(t, "../../testdata/bridge/extension"))
	}
	extensions = append(extensions, s.Extensions...)
	allocator, cancelBrowser := chromedp.NewExecAllocator(context.Background(),
		chromedp.ExecPath(withPolicies(t, folder, s.Policies)),
		chromedp.UserDataDir(r.idle.Folder),
		chromedp.NoSandbox,
		chromedp.NoFirstRun,
		chromedp.Headless,
		// Otherwise half of the processor's time goes into the address bar's suggestions, which the browser draws as web pages,
		// and a sixth of the rest into processes for pages that may come.
		chromedp.Flag("disable-features", "WebUIOmniboxPopup,WebUIOmniboxAimPopup,PreloadTopChromeWebUI,SpareRendererForSitePerProcess"),
		chromedp.Flag("load-extension", strings.Join(extensions, ",")),
		chromedp.Flag("host-resolver-rules", "MAP *.nta.go.jp "+siteURL.Host+", MAP myna.go.jp "+siteURL.Host+", MAP "+ForeignHost+" "+siteURL.Host),
		chromedp.Flag("ignore-certificate-errors", true),
		chromedp.Flag("lang", s.Language),
		chromedp.Env("LANGUAGE="+s.Language, "LANG="+s.Language, "XDG_STATE_HOME="+r.idle.state(), pcsctest.Environment()),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true),
		chromedp.Flag("animation-duration-scale", "0"), // the window is drawn anew for each step of an animation
		chromedp.WSURLReadTimeout(Timeout),
	)
	ctx, cancelTab := chromedp.NewContext(allocator)
	r.idle.Ctx = ctx
	r.end = func() {
		cancelTab()
		cancelBrowser()
		server.Close()
		os.RemoveAll(folder)
	}
	ready := false
	defer func() { // also when the test ends here
		if !ready {
			r.end()
		}
	}()
	waitForExtension(t, ctx, ExtensionID)
	if welcome := r.idle.attachable("page", "chrome-extension://"+ExtensionID+"/ui/welcome.html"); !s.Welcome {
		_, err := chromedp.CallBrowser(ctx, target.CloseTarget, target.CloseTargetParams{TargetID: welcome})
		require.NoError(t, err)
		r.idle.WaitUntilClosed("/ui/welcome.html")
	}
	if !s.NoBridge {
		waitForExtension(t, ctx, BridgeID)
	}
	require.NoError(t, chromedp.Do(ctx, chromedp.Navigate("about:blank")))
	ready = true
	return r
}

// newSite begins to play a site that has seen nothing yet.
func (r *running) newSite() *Site {
	site := &Site{cookies: map[string]bool{}}
	r.site.Store(site)
	return site
}

// prepare gives the extension the tables of a setup, and registers its hosts and no other.
func (r *running) prepare(t testing.TB, s Setup) {
	t.Helper()
	writeTables(t, r.idle.extension(), s)
	require.NoError(t, os.RemoveAll(filepath.Join(r.idle.Folder, "NativeMessagingHosts")))
	require.NoError(t, os.RemoveAll(r.idle.state()))
	if s.Manifest != nil {
		Register(t, r.idle.Folder, *s.Manifest)
	}
	if !s.NoBridge {
		registerBridgeApp(t, r.idle.Folder, s.App)
	}
}

// extension is the folder of our extension.
func (b *Browser) extension() string { return filepath.Join(filepath.Dir(b.Folder), "extension") }

func (b *Browser) state() string { return filepath.Join(b.Folder, "state") }

// freshTab is a new tab in front with the page of a setup, and with nothing left of the previous test.
func (r *running) freshTab(t testing.TB, s Setup) context.Context {
	t.Helper()
	r.idle.T = t
	require.NoError(t, chromedp.Do(r.idle.Ctx, forgetPages))
	r.wake(t)
	// The worker may still write what it has seen of the last pages: it is at rest when nothing new comes after clearing, in twice the
	// time in which it takes an event of a page, however busy the computer is.
	r.idle.InWorker(`(async () => {
		delete globalThis.followed;
		await navigator.locks.request("host", () => {});
		do {
			await Promise.all([chrome.storage.session.clear(), chrome.storage.local.clear()]);
			for (let i = 0; i < 2; i++) {
				await chrome.storage.session.get();
				await (await fetch(chrome.runtime.getURL("deadlines.json"))).json();
				await new Promise((next) => setTimeout(next, 10));
			}
		} while (Object.keys(await chrome.storage.session.get()).length > 0);
	})()`)
	r.prepare(t, s) // not before: what the last pages have begun would use it
	opened, err := chromedp.CallBrowser(r.idle.Ctx, target.CreateTarget, target.CreateTargetParams{URL: Address(s.Path)})
	require.NoError(t, err)
	ctx, cancel := chromedp.NewContext(r.idle.Ctx, chromedp.WithTargetID(opened.TargetID))
	t.Cleanup(cancel)
	return ctx
}

// closePages closes the pages of a test that is over: the full page would keep a host running, beside another browser's tests too,
// and a message from a page about its own attempt would be taken for one of the next test's.
func (r *running) closePages(t testing.TB) {
	t.Helper()
	first := chromedp.FromContext(r.idle.Ctx).Target.TargetID
	require.Eventually(t, func() bool {
		targets, err := chromedp.Targets(r.idle.Ctx)
		targets = slices.DeleteFunc(targets, func(x *target.Info) bool { return x.Type != "page" || x.TargetID == first })
		for _, x := range targets {
			_, _ = chromedp.CallBrowser(r.idle.Ctx, target.CloseTarget, target.CloseTargetParams{TargetID: x.TargetID}) // it may be closing already
		}
		return err == nil && len(targets) == 0
	}, Timeout, Poll, "a page of the test stays open")
}

// wake starts the extension's worker if the browser has stopped it.
func (r *running) wake(t testing.TB) {
	t.Helper()
	if r.idle.HasWorker() {
		return
	}
	require.NoError(t, chromedp.Do(r.idle.Ctx, chromedp.Navigate("https://"+LoginHost+"/number")))
	r.idle.Worker()
	require.NoError(t, chromedp.Do(r.idle.Ctx, chromedp.Navigate("about:blank")))
}

// forgetPages removes what pages have stored, and the cache.
var forgetPages = chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
	for _, host := range []string{LoginHost, FormsHost, "myna.go.jp", ForeignHost} {
		if _, err := cdp.Call(ctx, t, storage.ClearDataForOrigin, storage.ClearDataForOriginParams{Origin: "https://" + host, StorageTypes: "all"}); err != nil {
			return err
		}
	}
	if _, err := cdp.Call(ctx, t, network.ClearBrowserCookies, cdp.Empty{}); err != nil {
		return err
	}
	_, err := cdp.Call(ctx, t, network.ClearBrowserCache, cdp.Empty{})
	return err
})

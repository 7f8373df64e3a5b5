//go:build linux && cgo

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"etax-doctor/host/e2e/harness"
	"etax-doctor/host/site"
	"etax-doctor/host/texts"
	"etax-doctor/install/guide"
)

// welcome is the open page of the first steps.
func welcome(b *harness.Browser) *harness.Popup {
	b.T.Helper()
	ctx := b.Attach("page", "chrome-extension://"+harness.ExtensionID+"/ui/welcome.html")
	p := &harness.Popup{T: b.T, Ctx: ctx}
	p.WaitUntil(`document.body.dataset.done !== undefined`)
	return p
}

const (
	stepInFront = `[...document.querySelectorAll("section")].filter((s) => s.checkVisibility()).map((s) => s.id).join(" ")`
	stepsDone   = `[...document.querySelectorAll("header li")].filter((s) => s.querySelector("span")?.checkVisibility()).map((s) => s.dataset.step).join(" ")`
)

// The extension opens the first steps when it is installed. What is done is ticked; the first other step is in front.
func TestTheFirstSteps(t *testing.T) {
	t.Run("without the program", func(t *testing.T) {
		b := harness.StartBrowser(t, harness.Setup{Welcome: true})
		p := welcome(b)
		assert.Equal(t, "program", p.Evaluate(stepInFront))
		assert.Equal(t, "extension", p.Evaluate(stepsDone))
		require.NoError(t, chromedp.Do(p.Ctx, chromedp.EmulateViewport(900, 700)))
		for dark, name := range map[bool]string{false: "welcome-ja", true: "welcome-ja-dark"} {
			p.Emulate(harness.Look{Dark: dark})
			p.RequireAccessible()
			p.Compare(name)
		}
		harness.Register(t, b.Folder, *harness.Registered())
		p.WaitUntil(`document.body.dataset.done === "program extension"`)
		assert.Equal(t, "keep", p.Evaluate(stepInFront))
	})
	t.Run("with the program", func(t *testing.T) {
		b := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered(), Welcome: true, Language: "en"})
		p := welcome(b)
		p.WaitUntil(`document.body.dataset.done === "program extension"`)
		assert.Equal(t, "program extension", p.Evaluate(stepsDone))
		assert.Equal(t, "keep", p.Evaluate(stepInFront))
		p.RequireAccessible()
	})
}

// The installer's copy needs no network and no script: one step at a time, and one leads to the next.
func TestTheFirstStepsAsAFile(t *testing.T) {
	harness.OnlyInFull(t)
	b := harness.StartBrowser(t, harness.Setup{})
	for language, folder := range map[string]string{"ja": "", "en": "/home/taro/.local/share/etax-doctor/extension"} {
		catalog, err := texts.Load(language)
		require.NoError(t, err)
		page, err := guide.Page(language, catalog.Raw, folder, folder != "")
		require.NoError(t, err)
		file := filepath.Join(t.TempDir(), "はじめに お読みください.html")
		require.NoError(t, os.WriteFile(file, page, 0o644))
		ctx, cancel := chromedp.NewContext(b.Ctx)
		t.Cleanup(cancel)
		require.NoError(t, chromedp.Do(ctx, chromedp.EmulateViewport(1000, 800), chromedp.Navigate("file://"+file)))
		p := &harness.Popup{T: t, Ctx: ctx}
		steps := []string{"program", "extension", "keep", "press"}
		if folder != "" {
			assert.Equal(t, "program", p.Evaluate(stepsDone))
			steps = steps[1:]
		}
		for i, step := range steps {
			assert.Equal(t, step, p.Evaluate(stepInFront))
			assert.Equal(t, "true", p.Evaluate(`String(document.documentElement.scrollWidth <= innerWidth)`), "no scrolling to the side")
			p.Screenshot("welcome-" + step + "-" + language)
			p.RequireAccessible()
			if i < len(steps)-1 {
				p.Do(`[...document.querySelectorAll(".next")].find((link) => link.checkVisibility()).click()`)
				p.WaitUntil(`location.hash === "#` + steps[i+1] + `"`)
			}
		}
	}
}

// With --guide the installer opens its copy, and `etax-doctor guide` opens it again. The removal takes it away.
func TestTheInstallerShowsTheFirstSteps(t *testing.T) {
	home, bin := t.TempDir(), t.TempDir()
	seen := filepath.Join(bin, "seen")
	require.NoError(t, os.WriteFile(filepath.Join(bin, "xdg-open"), []byte("#!/bin/sh\necho \"$1\" >>"+seen+"\n"), 0o755))
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	t.Setenv("HOME", home)
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(home, ".config"))
	t.Setenv("XDG_STATE_HOME", filepath.Join(home, ".local", "state"))
	run := func(program string, args ...string) string {
		out, err := exec.Command(program, args...).CombinedOutput()
		require.NoError(t, err, string(out))
		return string(out)
	}
	page := filepath.Join(home, ".local", "share", "etax-doctor", "welcome.html")
	assert.Contains(t, run(harness.HostProgram, "install", "--guide", "--lang", "ja"), page)
	run(filepath.Join(home, ".local", "bin", "etax-doctor"), "guide")
	require.Eventually(t, func() bool { // nobody waits for the browser
		opened, _ := os.ReadFile(seen)
		return string(opened) == page+"\n"+page+"\n"
	}, harness.Timeout, harness.Poll)
	content, err := os.ReadFile(page)
	require.NoError(t, err)
	assert.Contains(t, string(content), "<code>"+filepath.Join(home, ".local", "share", "etax-doctor", "extension")+"</code>")
	run(harness.HostProgram, "uninstall", "--lang", "ja")
	assert.NoFileExists(t, page)
}

// The site's search works from a folder, without a network; without scripts the whole list is there.
func TestTheSite(t *testing.T) {
	harness.OnlyInFull(t)
	folder := filepath.Join(t.TempDir(), "site")
	require.NoError(t, site.Write(folder))
	b := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered()})
	open := func(file string) *harness.Popup {
		ctx, cancel := chromedp.NewContext(b.Ctx)
		t.Cleanup(cancel)
		require.NoError(t, chromedp.Do(ctx, chromedp.EmulateViewport(1000, 800), chromedp.Navigate("file://"+filepath.Join(folder, file))))
		return &harness.Popup{T: t, Ctx: ctx}
	}
	p := open("index.html")
	shown := `[...document.querySelectorAll("#codes li")].filter((item) => item.checkVisibility()).length`
	whole := p.Evaluate(`String(` + shown + `)`)
	p.Do(`document.getElementById("words").focus()`)
	press(t, p, "ｅｗ０４４ c300")
	p.WaitUntil(shown + ` < 5`)
	assert.Contains(t, p.Text("codes"), "アプリから返事を受け取れませんでした")
	p.RequireAccessible()
	p.Screenshot("site-search")
	press(t, p, " zzz")
	p.Until("found", "見つかりませんでした")
	p = open("codes/certificate.expired.html")
	p.RequireAccessible()
	p.Screenshot("site-code")

	require.NoError(t, os.WriteFile(filepath.Join(folder, "search.js"), nil, 0o644))
	p = open("index.html")
	assert.Equal(t, whole, p.Evaluate(`String(`+shown+`)`))
	assert.Equal(t, "false", p.Evaluate(`String(document.getElementById("search").checkVisibility())`), "what cannot work is not there")
}

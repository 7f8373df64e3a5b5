package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/chromedp/chromedp"

	"etax-doctor/manifests"
)

// patience is how long a browser may take to load the extension, and the extension to hear from the host.
const patience = time.Minute

// inBrowsers are the steps in which each browser of this computer loads the extension, which starts the host.
func inBrowsers(program, extension string) (steps []step) {
	for name, path := range map[string]string{
		"Chrome":   browserAt(`Google\Chrome\Application\chrome.exe`, "Google Chrome", "/usr/bin/google-chrome"),
		"Edge":     browserAt(`Microsoft\Edge\Application\msedge.exe`, "Microsoft Edge", "/usr/bin/microsoft-edge"),
		"Chromium": browserAt("", "Chromium", "/usr/lib/chromium/chromium"),
	} {
		steps = append(steps, step{name + " loads the extension, which starts the program", func() error { return starts(path, program, extension) }})
	}
	return steps
}

// browserAt is the path of a browser on this system; "" where it is not installed.
func browserAt(windows, darwin, linux string) string {
	paths := []string{linux}
	switch runtime.GOOS {
	case "windows":
		paths = nil
		for _, folder := range []string{"ProgramFiles", "ProgramFiles(x86)"} {
			if windows != "" {
				paths = append(paths, filepath.Join(os.Getenv(folder), windows))
			}
		}
	case "darwin":
		paths = []string{"/Applications/" + darwin + ".app/Contents/MacOS/" + darwin}
	}
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			return path
		}
	}
	return ""
}

func starts(browser, program, extension string) error {
	if browser == "" {
		return errNotHere
	}
	profile, err := os.MkdirTemp("", "profile")
	if err != nil {
		return err
	}
	defer os.RemoveAll(profile)
	if runtime.GOOS != "windows" { // there the registry names the program for every profile
		if err := command(program, "install", "--lang", "ja", "--user-data-dir", profile); err != nil {
			return err
		}
	}
	extension, err = filepath.Abs(extension)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	ctx, cancel = chromedp.NewExecAllocator(ctx, chromedp.ExecPath(browser), chromedp.UserDataDir(profile), chromedp.NoFirstRun, chromedp.NoSandbox, chromedp.Headless,
		chromedp.Flag("load-extension", extension),
		chromedp.Flag("disable-features", "DisableLoadExtensionCommandLineSwitch")) // Chrome since 137
	defer cancel()
	ctx, cancel = chromedp.NewContext(ctx)
	defer cancel()
	own := strings.TrimSuffix(manifests.AllowedOrigins()[0], "/")
	for deadline := time.Now().Add(patience / 2); ; {
		err := chromedp.Do(ctx, chromedp.Navigate(own+"/manifest.json"))
		if err == nil {
			break
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%w: the extension, in a browser that may take none from its command line: %w", errNotHere, err)
		}
		time.Sleep(100 * time.Millisecond)
	}
	return chromedp.Do(ctx, chromedp.Navigate(own+"/ui/welcome.html"),
		chromedp.Poll[chromedp.Void](`document.body.dataset.done === "program extension"`, chromedp.WithPollingInterval(100*time.Millisecond), chromedp.WithPollingTimeout(patience/2))) // the tab may be behind the one that the extension opens
}

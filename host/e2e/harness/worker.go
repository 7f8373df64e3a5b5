//go:build linux && cgo

package harness

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/serviceworker"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Attempt is what the worker stores about the login in the only e-Tax tab that is open.
type Attempt struct {
	State     string
	Announced []string
	Seen      []struct{ Code string }
}

func (b *Browser) Worker() context.Context {
	b.T.Helper()
	return b.Attach("service_worker", "chrome-extension://"+ExtensionID+"/")
}

func (b *Browser) HasWorker() bool {
	targets, err := chromedp.Targets(b.Ctx)
	return err == nil && slices.ContainsFunc(targets, func(x *target.Info) bool {
		return x.Type == "service_worker" && strings.HasPrefix(x.URL, "chrome-extension://"+ExtensionID+"/")
	})
}

func (b *Browser) Attempt() (a Attempt) {
	b.T.Helper()
	text, err := chromedp.Run(b.Worker(), chromedp.Evaluate[string](`Promise.all([chrome.storage.session.get(), chrome.tabs.query({})]).then(([kept, tabs]) => JSON.stringify(tabs.map(({id}) => kept["attempt:" + id]?.attempt).find(Boolean) ?? {}))`, chromedp.EvalAwaitPromise))
	require.NoError(b.T, err)
	require.NoError(b.T, json.Unmarshal([]byte(text), &a))
	return a
}

// WaitForState waits until the login of an open tab is in a state, or has been since Follow.
func (b *Browser) WaitForState(state string) {
	b.T.Helper()
	b.WaitInWorker("never "+state, `globalThis.followed?.includes("`+state+`") || tabs.some(({id}) => kept["attempt:" + id]?.attempt.state === "`+state+`")`)
}

// Follow notes the states of a login from now on, because one may be over before anybody looks.
func (b *Browser) Follow() {
	b.T.Helper()
	b.InWorker(`globalThis.followed = []; chrome.storage.session.onChanged.addListener((changes) => {
		for (const {newValue} of Object.values(changes)) if (newValue?.attempt) globalThis.followed?.push(newValue.attempt.state);
	})`)
}

// WaitInWorker waits until a condition on what the worker keeps and on the tabs is true. To ask the worker again and again would take
// the processor's time from what is waited for.
func (b *Browser) WaitInWorker(otherwise, condition string) {
	b.T.Helper()
	ctx, cancel := context.WithTimeout(b.Worker(), Timeout)
	defer cancel()
	err := chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](`(async () => {
		for (;;) {
			const [kept, tabs] = await Promise.all([chrome.storage.session.get(), chrome.tabs.query({})]);
			if (`+condition+`) return;
			await new Promise((next) => setTimeout(next, 10));
		}
	})()`, chromedp.EvalAwaitPromise))
	if err != nil {
		require.FailNow(b.T, otherwise, "%v; kept: %s", err, b.kept())
	}
}

// kept is what the worker keeps, for the message of a test that has failed.
func (b *Browser) kept() string {
	kept, err := chromedp.Run(b.Worker(), chromedp.Evaluate[string](`chrome.storage.session.get().then(JSON.stringify)`, chromedp.EvalAwaitPromise))
	return fmt.Sprint(kept, err)
}

// WaitUntil waits for a condition.
func (b *Browser) WaitUntil(is func() bool, what string) {
	b.T.Helper()
	if !assert.Eventually(b.T, is, Timeout, Poll, what) {
		require.FailNow(b.T, what, "kept: %s", b.kept())
	}
}

// Badges returns the badge texts of our icon in all tabs, joined.
func (b *Browser) Badges() string {
	b.T.Helper()
	text, err := chromedp.Run(b.Worker(), chromedp.Evaluate[string](`chrome.tabs.query({}).then((tabs) => Promise.all(tabs.map((tab) => chrome.action.getBadgeText({tabId: tab.id})))).then((all) => all.join(""))`, chromedp.EvalAwaitPromise))
	require.NoError(b.T, err)
	return text
}

// StopWorker stops the extension's worker, as the browser may at any moment.
func (b *Browser) StopWorker() {
	b.T.Helper()
	require.NoError(b.T, chromedp.Do(b.Ctx, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		if _, err := cdp.Call(ctx, t, serviceworker.Enable, cdp.Empty{}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, t, serviceworker.StopAllWorkers, cdp.Empty{})
		return err
	})))
}

package policy

import (
	"slices"
	"strings"

	"etax-doctor/checks/bridge"
	"etax-doctor/checks/facts"
)

// policies are one browser's policies, applied in the order of Chromium (components/policy and extensions/browser).
type policies facts.BrowserPolicy

// The values of installation_mode that decide, and the permission that a bridge needs.
const (
	allowed        = "allowed"
	blocked        = "blocked"
	removed        = "removed"
	forceInstalled = "force_installed"

	nativeMessaging = "nativeMessaging"
)

// stores are the entries of ExtensionSettings that stand for all extensions of a browser's store.
var stores = map[string]string{
	"chrome":   "update_url:https://clients2.google.com/service/update2/crx",
	"chromium": "update_url:https://clients2.google.com/service/update2/crx",
	"edge":     "update_url:https://edge.microsoft.com/extensionwebstorebase/v1/crx",
}

// isStore reports whether a key of ExtensionSettings is in stores.
func isStore(key string) bool { return key == stores["chrome"] || key == stores["edge"] }

// blocksHost reports whether the blocklist contains a host, by name or by *, and the allowlist does not contain it.
func (p policies) blocksHost(host string) bool {
	return covers(p.HostBlocklist, host) && !slices.Contains(p.HostAllowlist, host)
}

// blocksBridge returns the policy that blocks a bridge's extension, or "". The result is uncertain if the extension's
// id in the browser's own store is not known and some extensions are allowed: the bridge may be one of them.
func (p policies) blocksBridge(b bridge.Bridge, browser string) (policy string, uncertain bool) {
	ids := b.IDs[browser]
	if browser == "chromium" {
		ids = b.IDs["chrome"]
	}
	for _, id := range ids {
		if policy := p.blocks(id, browser); policy != "" {
			return policy, false
		}
	}
	if len(ids) > 0 {
		return "", false
	}
	policy = p.blocks("", browser)
	return policy, p.allowsSome()
}

// blocks returns the policy that blocks an extension, or "". As in Chromium, the entries for * in the blocklist and in
// ExtensionSettings give the default. The allowlist, the blocklist, the forcelist and the extension's own entry follow,
// and the last one that applies counts. An extension without its own entry has the entry of its store.
func (p policies) blocks(id, browser string) (policy string) {
	mode, by := allowed, ""
	say := func(applies bool, says, policy string) {
		if applies && says != "" {
			mode, by = says, policy
		}
	}
	say(slices.Contains(p.ExtensionBlocklist, "*"), blocked, extensionBlocklist)
	say(true, p.ExtensionSettings["*"].InstallationMode, extensionSettings)
	own, all := p.setting(id, browser), p.ExtensionSettings["*"]
	if id != "" {
		say(slices.Contains(p.ExtensionAllowlist, id), allowed, extensionAllowlist)
		say(slices.Contains(p.ExtensionBlocklist, id), blocked, extensionBlocklist)
		say(slices.Contains(p.ExtensionForcelist, id), forceInstalled, extensionForcelist)
	}
	say(true, own.InstallationMode, extensionSettings)
	if mode == blocked || mode == removed {
		return by
	}
	if slices.Contains(own.BlockedPermissions, nativeMessaging) ||
		(slices.Contains(all.BlockedPermissions, nativeMessaging) && !slices.Contains(own.AllowedPermissions, nativeMessaging)) {
		return extensionSettings
	}
	return ""
}

func (p policies) allowsSome() bool {
	for key, s := range p.ExtensionSettings {
		if key != "*" && (s.InstallationMode == allowed || strings.HasSuffix(s.InstallationMode, "_installed")) {
			return true
		}
	}
	return len(p.ExtensionAllowlist) > 0 || len(p.ExtensionForcelist) > 0
}

func covers(list []string, item string) bool {
	return slices.Contains(list, "*") || slices.Contains(list, item)
}

// setting returns the entry of ExtensionSettings for an extension: its own, else its store's.
func (p policies) setting(id, browser string) facts.ExtensionSetting {
	if s, ok := p.ExtensionSettings[id]; ok && id != "" {
		return s
	}
	return p.ExtensionSettings[stores[browser]]
}

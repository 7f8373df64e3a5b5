// Package policy finds out whether an administrator's policies keep the browser from starting the bridge's app or from
// running the bridge extension, and names the policy, so that the administrator can act on it.
package policy

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"etax-doctor/checks/bridge"
	"etax-doctor/checks/facts"
	"etax-doctor/checks/platform"
	"etax-doctor/manifests"
)

// The policies' names, the same for Chrome, Edge and Chromium (vendor documentation).
const (
	hostBlocklist      = "NativeMessagingBlocklist"
	hostAllowlist      = "NativeMessagingAllowlist"
	userLevelHosts     = "NativeMessagingUserLevelHosts"
	launchDirectly     = "NativeHostsExecutablesLaunchDirectly"
	extensionBlocklist = "ExtensionInstallBlocklist"
	extensionAllowlist = "ExtensionInstallAllowlist"
	extensionForcelist = "ExtensionInstallForcelist"
	extensionSettings  = "ExtensionSettings"
)

// disableCMD is a policy of Windows itself.
const (
	systemPolicies = `Software\Policies\Microsoft\Windows\System`
	disableCMD     = "DisableCMD"
)

// Probe reads the policies of all browsers.
func Probe(_ context.Context, m *platform.Computer) *facts.Policy {
	f := &facts.Policy{OS: m.OS}
	for _, b := range manifests.Browsers() {
		var p facts.BrowserPolicy
		switch {
		case m.OS == "windows" && b.WindowsPolicies != "":
			p = fromRegistry(m, b.WindowsPolicies)
		case m.OS == "linux":
			p = fromFolder(m, b.LinuxPolicies)
		}
		redact(&p)
		if !reflect.DeepEqual(p, facts.BrowserPolicy{}) {
			p.Browser = b.ID
			f.Browsers = append(f.Browsers, p)
		}
	}
	if m.OS == "windows" {
		n, err := m.Registry.Number(platform.CurrentUser, platform.View64, systemPolicies, disableCMD)
		if err == nil {
			f.DisableCMD = &n
		}
		f.DisableCMDUnreadable = err != nil && !errors.Is(err, platform.ErrAbsent)
	}
	return f
}

// redact keeps only the entries for *, for bridges and for stores, and replaces every other entry by [facts.Other]. The
// rest of an organisation's settings never leaves the process.
func redact(p *facts.BrowserPolicy) {
	for _, list := range []*[]string{&p.HostBlocklist, &p.HostAllowlist, &p.ExtensionBlocklist, &p.ExtensionAllowlist, &p.ExtensionForcelist} {
		var kept []string
		for _, item := range *list {
			item, _, _ = strings.Cut(item, ";") // in the forcelist, a URL follows the id
			if item != "*" && !bridge.IsKnown(item) {
				item = facts.Other
			}
			if !slices.Contains(kept, item) {
				kept = append(kept, item)
			}
		}
		*list = kept
	}
	var settings map[string]facts.ExtensionSetting
	var others []facts.ExtensionSetting
	for _, key := range slices.Sorted(maps.Keys(p.ExtensionSettings)) {
		for name := range strings.SplitSeq(key, ",") { // a key may name several extensions
			name = strings.TrimSpace(name)
			setting := redactSetting(p.ExtensionSettings[key])
			if name != "*" && !bridge.IsKnown(name) && !isStore(name) {
				// One entry for all that say the same: their number is the office's own, and could be large.
				if slices.ContainsFunc(others, func(s facts.ExtensionSetting) bool { return reflect.DeepEqual(s, setting) }) {
					continue
				}
				others = append(others, setting)
				name = fmt.Sprintf("%s-%d", facts.Other, len(others))
			}
			if settings == nil {
				settings = map[string]facts.ExtensionSetting{}
			}
			settings[name] = setting
		}
	}
	p.ExtensionSettings = settings
}

func redactSetting(s facts.ExtensionSetting) facts.ExtensionSetting {
	if !slices.Contains([]string{"", allowed, blocked, removed, forceInstalled, "normal_installed"}, s.InstallationMode) {
		s.InstallationMode = facts.Other
	}
	onlyNative := func(list []string) []string {
		if slices.Contains(list, nativeMessaging) {
			return []string{nativeMessaging}
		}
		return nil
	}
	s.BlockedPermissions, s.AllowedPermissions = onlyNative(s.BlockedPermissions), onlyNative(s.AllowedPermissions)
	return s
}

// noteError sets Unreadable if a policy exists but could not be read.
func noteError(p *facts.BrowserPolicy, err error) {
	if err != nil && !errors.Is(err, platform.ErrAbsent) {
		p.Unreadable = true
	}
}

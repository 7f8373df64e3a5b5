// Package policy finds out whether an administrator's policies keep the browser from starting the bridge's app or from
// running the bridge extension, and names the policy, so that the administrator can act on it.
package policy

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"etax-doctor/checks/bridge"
	"etax-doctor/checks/facts"
	"etax-doctor/checks/outside"
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
	extensionSettings  = "ExtensionSettings"
)

// disableCMD is a policy of Windows itself.
const (
	systemPolicies = `Software\Policies\Microsoft\Windows\System`
	disableCMD     = "DisableCMD"
)

// values are one browser's policies in the form that its own policy files have.
type values struct {
	HostBlocklist      []string
	HostAllowlist      []string
	UserLevelHosts     *bool
	LaunchDirectly     *bool
	ExtensionBlocklist []string
	ExtensionAllowlist []string
	ExtensionSettings  map[string]struct {
		InstallationMode string `json:"installation_mode"`
	}
	unreadable bool
}

// Probe reads the policies of all browsers.
func Probe(_ context.Context, m *outside.Machine) *facts.Policy {
	f := &facts.Policy{OS: m.OS}
	for _, b := range manifests.Browsers() {
		var v values
		switch {
		case m.OS == "windows" && b.WindowsPolicies != "":
			v = fromRegistry(m, b.WindowsPolicies)
		case m.OS == "linux":
			v = fromFolder(m, b.LinuxPolicies)
		}
		if p := v.facts(b.ID); p != nil {
			f.Browsers = append(f.Browsers, *p)
		}
	}
	if m.OS == "windows" {
		n, err := m.Registry.Number(outside.CurrentUser, outside.View64, systemPolicies, disableCMD)
		f.CommandPromptDisabled = err == nil && n == 1 // 2 only forbids it to people, not to programs
	}
	return f
}

// facts keeps what bears on the bridge; nil where nothing does.
func (v values) facts(browser string) *facts.BrowserPolicy {
	p := facts.BrowserPolicy{Browser: browser, Unreadable: v.unreadable,
		UserHostsOff:   v.UserLevelHosts != nil && !*v.UserLevelHosts,
		LaunchDirectly: v.LaunchDirectly != nil && *v.LaunchDirectly}
	// The official bridge counts: that an unofficial one is let through does not help who has the official one.
	official := bridge.ForLogin()[0]
	if v.blocksHost(official.Host) {
		p.NativeMessagingBlocked = []string{hostBlocklist}
	}
	for _, id := range official.Extensions() {
		switch {
		case v.settingsBlock(id), v.settingsBlock("*") && !v.settingsAllow(id):
			p.ExtensionsBlocked = append(p.ExtensionsBlocked, extensionSettings)
		case v.listBlocks(id):
			p.ExtensionsBlocked = append(p.ExtensionsBlocked, extensionBlocklist)
		}
	}
	if !p.Unreadable && !p.UserHostsOff && !p.LaunchDirectly && p.NativeMessagingBlocked == nil && p.ExtensionsBlocked == nil {
		return nil
	}
	return &p
}

// blocksHost reports whether the blocklist covers a host, by name or by *, and the allowlist does not lift it.
func (v values) blocksHost(host string) bool {
	return covers(v.HostBlocklist, host) && !slices.Contains(v.HostAllowlist, host)
}

func (v values) listBlocks(id string) bool {
	return covers(v.ExtensionBlocklist, id) && !slices.Contains(v.ExtensionAllowlist, id) && !v.settingsAllow(id)
}

func covers(list []string, item string) bool {
	return slices.Contains(list, "*") || slices.Contains(list, item)
}

func (v values) settingsBlock(id string) bool {
	mode := v.ExtensionSettings[id].InstallationMode
	return mode == "blocked" || mode == "removed"
}

func (v values) settingsAllow(id string) bool {
	mode := v.ExtensionSettings[id].InstallationMode
	return mode == "allowed" || mode == "force_installed" || mode == "normal_installed"
}

// fromRegistry reads both roots; where both say something of a single value, the computer's counts. Lists are subkeys
// with the values 1, 2, 3 and so on.
func fromRegistry(m *outside.Machine, key string) (v values) {
	for _, root := range []outside.Root{outside.LocalMachine, outside.CurrentUser} {
		text := func(key, name string) string {
			s, err := m.Registry.Text(root, outside.View64, key, name)
			v.note(err)
			return s
		}
		list := func(name string) (items []string) {
			names, err := m.Registry.Values(root, outside.View64, key+`\`+name)
			v.note(err)
			for _, n := range names {
				if _, err := strconv.Atoi(n); err == nil {
					items = append(items, text(key+`\`+name, n))
				}
			}
			return items
		}
		flag := func(name string, into **bool) {
			n, err := m.Registry.Number(root, outside.View64, key, name)
			v.note(err)
			if err == nil && *into == nil {
				on := n != 0
				*into = &on
			}
		}
		v.HostBlocklist = append(v.HostBlocklist, list(hostBlocklist)...)
		v.HostAllowlist = append(v.HostAllowlist, list(hostAllowlist)...)
		v.ExtensionBlocklist = append(v.ExtensionBlocklist, list(extensionBlocklist)...)
		v.ExtensionAllowlist = append(v.ExtensionAllowlist, list(extensionAllowlist)...)
		flag(userLevelHosts, &v.UserLevelHosts)
		flag(launchDirectly, &v.LaunchDirectly)
		if s := text(key, extensionSettings); s != "" && v.ExtensionSettings == nil && json.Unmarshal([]byte(s), &v.ExtensionSettings) != nil {
			v.unreadable = true
		}
	}
	return v
}

func (v *values) note(err error) {
	if err != nil && !errors.Is(err, outside.ErrAbsent) {
		v.unreadable = true
	}
}

// largestPolicy is far above any policy file.
const largestPolicy = 1 << 20

// fromFolder reads all policy files of a folder; a later one, by name, wins where two say something.
func fromFolder(m *outside.Machine, folder string) (v values) {
	names, err := m.Files.List(folder)
	v.note(err)
	slices.Sort(names)
	for _, name := range names {
		if !strings.HasSuffix(name, ".json") {
			continue
		}
		data, err := m.Files.Read(filepath.Join(folder, name), largestPolicy)
		v.note(err)
		if err != nil {
			continue
		}
		var file struct {
			NativeMessagingBlocklist             []string
			NativeMessagingAllowlist             []string
			NativeMessagingUserLevelHosts        *bool
			NativeHostsExecutablesLaunchDirectly *bool
			ExtensionInstallBlocklist            []string
			ExtensionInstallAllowlist            []string
			ExtensionSettings                    json.RawMessage
		}
		if json.Unmarshal(data, &file) != nil {
			v.unreadable = true
			continue
		}
		replace(&v.HostBlocklist, file.NativeMessagingBlocklist)
		replace(&v.HostAllowlist, file.NativeMessagingAllowlist)
		replace(&v.ExtensionBlocklist, file.ExtensionInstallBlocklist)
		replace(&v.ExtensionAllowlist, file.ExtensionInstallAllowlist)
		if file.NativeMessagingUserLevelHosts != nil {
			v.UserLevelHosts = file.NativeMessagingUserLevelHosts
		}
		if file.NativeHostsExecutablesLaunchDirectly != nil {
			v.LaunchDirectly = file.NativeHostsExecutablesLaunchDirectly
		}
		if file.ExtensionSettings != nil && json.Unmarshal(file.ExtensionSettings, &v.ExtensionSettings) != nil {
			v.unreadable = true
		}
	}
	return v
}

func replace(old *[]string, by []string) {
	if by != nil {
		*old = by
	}
}

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
	extensionForcelist = "ExtensionInstallForcelist"
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
	ExtensionForcelist []string // id;update address
	ExtensionSettings  map[string]extensionSetting
	unreadable         bool
}

// extensionSetting is one entry of ExtensionSettings: for an id, several ids, a store's update address, or all (*).
type extensionSetting struct {
	InstallationMode   string   `json:"installation_mode"`
	BlockedPermissions []string `json:"blocked_permissions"`
	AllowedPermissions []string `json:"allowed_permissions"`
}

// webStore is the update address that stands for all extensions of the Chrome Web Store.
const webStore = "update_url:https://clients2.google.com/service/update2/crx"

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
		case v.settingBlocks(id):
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
	return covers(v.ExtensionBlocklist, id) && !slices.Contains(v.ExtensionAllowlist, id) && !v.forced(id) && !v.setting(id).allows()
}

func (v values) forced(id string) bool {
	return slices.ContainsFunc(v.ExtensionForcelist, func(item string) bool {
		forced, _, _ := strings.Cut(item, ";")
		return forced == id
	})
}

func covers(list []string, item string) bool {
	return slices.Contains(list, "*") || slices.Contains(list, item)
}

// setting is the entry that counts for an extension: its own, else its store's, else that for all. Keys may name
// several ids.
func (v values) setting(id string) extensionSetting {
	for key, s := range v.ExtensionSettings {
		if slices.Contains(strings.Split(key, ","), id) {
			return s
		}
	}
	if s, ok := v.ExtensionSettings[webStore]; ok {
		return s
	}
	return extensionSetting{}
}

func (s extensionSetting) allows() bool {
	return s.InstallationMode == "allowed" || s.InstallationMode == "force_installed" || s.InstallationMode == "normal_installed"
}

func (s extensionSetting) blocks() bool {
	return s.InstallationMode == "blocked" || s.InstallationMode == "removed"
}

// settingBlocks reports whether ExtensionSettings keeps the extension out, or takes away the permission that it lives by.
func (v values) settingBlocks(id string) bool {
	const native = "nativeMessaging"
	own, all := v.setting(id), v.ExtensionSettings["*"]
	if slices.Contains(own.BlockedPermissions, native) ||
		(slices.Contains(all.BlockedPermissions, native) && !slices.Contains(own.AllowedPermissions, native)) {
		return true
	}
	return own.blocks() || (all.blocks() && !own.allows() && !v.forced(id))
}

// fromRegistry reads both roots; where both say something of one policy, the computer's counts, for lists too.
func fromRegistry(m *outside.Machine, key string) (v values) {
	for _, root := range []outside.Root{outside.LocalMachine, outside.CurrentUser} {
		text := func(key, name string) string {
			s, err := m.Registry.Text(root, outside.View64, key, name)
			v.note(err)
			return s
		}
		list := func(name string, into *[]string) {
			if read := numbered(m, root, key+`\`+name, &v); *into == nil {
				*into = read
			}
		}
		flag := func(name string, into **bool) {
			n, err := m.Registry.Number(root, outside.View64, key, name)
			v.note(err)
			if err == nil && *into == nil {
				on := n != 0
				*into = &on
			}
		}
		list(hostBlocklist, &v.HostBlocklist)
		list(hostAllowlist, &v.HostAllowlist)
		list(extensionBlocklist, &v.ExtensionBlocklist)
		list(extensionAllowlist, &v.ExtensionAllowlist)
		list(extensionForcelist, &v.ExtensionForcelist)
		flag(userLevelHosts, &v.UserLevelHosts)
		flag(launchDirectly, &v.LaunchDirectly)
		if s := text(key, extensionSettings); s != "" && v.ExtensionSettings == nil && json.Unmarshal([]byte(s), &v.ExtensionSettings) != nil {
			v.unreadable = true
		}
		if v.ExtensionSettings == nil {
			v.ExtensionSettings = settingsFromKeys(m, root, key+`\`+extensionSettings, &v)
		}
	}
	return v
}

// settingsFromKeys reads ExtensionSettings where it is written as subkeys instead of as one JSON text: a key for each
// extension, and the lists as keys below it (Chromium reads both). nil where there is none.
func settingsFromKeys(m *outside.Machine, root outside.Root, key string, v *values) (all map[string]extensionSetting) {
	ids, err := m.Registry.Keys(root, outside.View64, key)
	v.note(err)
	for _, id := range ids {
		var s extensionSetting
		s.InstallationMode, err = m.Registry.Text(root, outside.View64, key+`\`+id, "installation_mode")
		v.note(err)
		s.BlockedPermissions = numbered(m, root, key+`\`+id+`\blocked_permissions`, v)
		s.AllowedPermissions = numbered(m, root, key+`\`+id+`\allowed_permissions`, v)
		if all == nil {
			all = map[string]extensionSetting{}
		}
		all[id] = s
	}
	return all
}

// numbered reads a list: a key with the values 1, 2, 3 and so on. nil where there is none.
func numbered(m *outside.Machine, root outside.Root, key string, v *values) []string {
	names, err := m.Registry.Values(root, outside.View64, key)
	v.note(err)
	if err != nil {
		return nil
	}
	list := []string{}
	for _, n := range names {
		if _, err := strconv.Atoi(n); err == nil {
			item, err := m.Registry.Text(root, outside.View64, key, n)
			v.note(err)
			list = append(list, item)
		}
	}
	return list
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
			ExtensionInstallForcelist            []string
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
		replace(&v.ExtensionForcelist, file.ExtensionInstallForcelist)
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

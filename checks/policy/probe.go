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

// stores are the entries of ExtensionSettings that stand for all extensions of a browser's store.
var stores = map[string]string{
	"chrome":   "update_url:https://clients2.google.com/service/update2/crx",
	"chromium": "update_url:https://clients2.google.com/service/update2/crx",
	"edge":     "update_url:https://edge.microsoft.com/extensionwebstorebase/v1/crx",
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
		f.CommandPromptUnknown = err != nil && !errors.Is(err, outside.ErrAbsent)
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
	if policy, uncertain := v.blocksBridge(official, browser); policy != "" && uncertain {
		p.ExtensionsUncertain = true
	} else if policy != "" {
		p.ExtensionsBlocked = []string{policy}
	}
	if !p.Unreadable && !p.UserHostsOff && !p.LaunchDirectly && p.NativeMessagingBlocked == nil && p.ExtensionsBlocked == nil && !p.ExtensionsUncertain {
		return nil
	}
	return &p
}

// blocksHost reports whether the blocklist covers a host, by name or by *, and the allowlist does not lift it.
func (v values) blocksHost(host string) bool {
	return covers(v.HostBlocklist, host) && !slices.Contains(v.HostAllowlist, host)
}

// blocksBridge returns the policy that keeps a bridge's extension out, or "". It is uncertain where the browser's own
// store gives the extension an id that is not known, and some are let through: the bridge may be one of them.
func (v values) blocksBridge(b bridge.Bridge, browser string) (policy string, uncertain bool) {
	ids := b.IDs[browser]
	if browser == "chromium" {
		ids = b.IDs["chrome"]
	}
	for _, id := range ids {
		if policy := v.blocks(id, browser); policy != "" {
			return policy, false
		}
	}
	if len(ids) > 0 {
		return "", false
	}
	policy = v.blocks("", browser)
	return policy, v.letsSomeThrough()
}

// blocks returns the policy that keeps an extension out, or "". As in Chromium: the lists and the entry * make the
// default; the allowlist, the blocklist, the forcelist and the extension's own entry follow, and the last one that says
// something counts. An entry of the extension's store stands in for its own.
func (v values) blocks(id, browser string) (policy string) {
	mode, by := "allowed", ""
	say := func(applies bool, says, policy string) {
		if applies && says != "" {
			mode, by = says, policy
		}
	}
	say(slices.Contains(v.ExtensionBlocklist, "*"), "blocked", extensionBlocklist)
	say(true, v.ExtensionSettings["*"].InstallationMode, extensionSettings)
	own, all := v.setting(id, browser), v.ExtensionSettings["*"]
	if id != "" {
		say(slices.Contains(v.ExtensionAllowlist, id), "allowed", extensionAllowlist)
		say(slices.Contains(v.ExtensionBlocklist, id), "blocked", extensionBlocklist)
		say(v.forced(id), "force_installed", extensionForcelist)
	}
	say(true, own.InstallationMode, extensionSettings)
	if mode == "blocked" || mode == "removed" {
		return by
	}
	const native = "nativeMessaging" // the permission that a bridge lives by
	if slices.Contains(own.BlockedPermissions, native) ||
		(slices.Contains(all.BlockedPermissions, native) && !slices.Contains(own.AllowedPermissions, native)) {
		return extensionSettings
	}
	return ""
}

func (v values) letsSomeThrough() bool {
	for key, s := range v.ExtensionSettings {
		if key != "*" && (s.InstallationMode == "allowed" || strings.HasSuffix(s.InstallationMode, "_installed")) {
			return true
		}
	}
	return len(v.ExtensionAllowlist) > 0 || len(v.ExtensionForcelist) > 0
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

// setting is the entry that counts for an extension: its own, else its store's. Keys may name several ids.
func (v values) setting(id, browser string) extensionSetting {
	for key, s := range v.ExtensionSettings {
		for named := range strings.SplitSeq(key, ",") {
			if id != "" && strings.TrimSpace(named) == id {
				return s
			}
		}
	}
	return v.ExtensionSettings[stores[browser]]
}

// fromRegistry reads both roots; where both say something of one policy, the computer's counts, for lists too.
func fromRegistry(m *outside.Machine, key string) (v values) {
	for _, root := range []outside.Root{outside.LocalMachine, outside.CurrentUser} {
		r := registry{m, root, &v}
		list := func(name string, into *[]string) {
			if read := r.list(key, name); *into == nil {
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
		if v.ExtensionSettings == nil {
			v.ExtensionSettings = r.settings(key)
		}
	}
	return v
}

// registry reads policies as Chromium does: lists and dictionaries are keys of their own, or JSON texts in a value.
type registry struct {
	machine *outside.Machine
	root    outside.Root
	of      *values
}

func (r registry) text(key, name string) string {
	s, err := r.machine.Registry.Text(r.root, outside.View64, key, name)
	r.of.note(err)
	return s
}

// decode reads a value that holds JSON, if it is there.
func (r registry) decode(key, name string, into any) {
	if s := r.text(key, name); s != "" && json.Unmarshal([]byte(s), into) != nil {
		r.of.unreadable = true
	}
}

// list reads a key with the values 1, 2, 3 and so on; nil where there is none.
func (r registry) list(key, name string) (list []string) {
	names, err := r.machine.Registry.Values(r.root, outside.View64, key+`\`+name)
	if err != nil {
		r.of.note(err)
		r.decode(key, name, &list)
		return list
	}
	list = []string{}
	for _, n := range names {
		if _, err := strconv.Atoi(n); err == nil {
			list = append(list, r.text(key+`\`+name, n))
		}
	}
	return list
}

// settings reads ExtensionSettings: one JSON text, or a key with a JSON text or a key for each extension.
func (r registry) settings(policies string) (all map[string]extensionSetting) {
	r.decode(policies, extensionSettings, &all)
	if all != nil {
		return all
	}
	key := policies + `\` + extensionSettings
	all = map[string]extensionSetting{}
	names, err := r.machine.Registry.Values(r.root, outside.View64, key)
	r.of.note(err)
	for _, id := range names {
		var s extensionSetting
		r.decode(key, id, &s)
		all[id] = s
	}
	ids, err := r.machine.Registry.Keys(r.root, outside.View64, key)
	r.of.note(err)
	for _, id := range ids {
		all[id] = extensionSetting{
			InstallationMode:   r.text(key+`\`+id, "installation_mode"),
			BlockedPermissions: r.list(key+`\`+id, "blocked_permissions"),
			AllowedPermissions: r.list(key+`\`+id, "allowed_permissions"),
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all
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

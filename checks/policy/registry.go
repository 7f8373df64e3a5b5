package policy

import (
	"encoding/json"
	"strconv"

	"etax-doctor/checks/facts"
	"etax-doctor/checks/platform"
)

// fromRegistry reads both roots. If both set a policy, the computer's value counts, for lists too.
func fromRegistry(m *platform.Computer, key string) (p facts.BrowserPolicy) {
	for _, root := range []platform.Root{platform.LocalMachine, platform.CurrentUser} {
		r := registry{m, root, &p}
		list := func(name string, into *[]string) {
			if read := r.list(key, name); *into == nil {
				*into = read
			}
		}
		flag := func(name string, into **bool) {
			n, err := m.Registry.Number(root, platform.View64, key, name)
			noteError(&p, err)
			if err == nil && *into == nil {
				on := n != 0
				*into = &on
			}
		}
		list(hostBlocklist, &p.HostBlocklist)
		list(hostAllowlist, &p.HostAllowlist)
		list(extensionBlocklist, &p.ExtensionBlocklist)
		list(extensionAllowlist, &p.ExtensionAllowlist)
		list(extensionForcelist, &p.ExtensionForcelist)
		flag(userLevelHosts, &p.UserLevelHosts)
		flag(launchDirectly, &p.LaunchDirectly)
		if p.ExtensionSettings == nil {
			p.ExtensionSettings = r.settings(key)
		}
	}
	return p
}

// registry reads policies as Chromium does: a list or dictionary is a separate key, or JSON text in a value.
type registry struct {
	machine *platform.Computer
	root    platform.Root
	of      *facts.BrowserPolicy
}

func (r registry) text(key, name string) string {
	s, err := r.machine.Registry.Text(r.root, platform.View64, key, name)
	noteError(r.of, err)
	return s
}

// decode reads a value that holds JSON, if it is there.
func (r registry) decode(key, name string, into any) {
	if s := r.text(key, name); s != "" && json.Unmarshal([]byte(s), into) != nil {
		r.of.Unreadable = true
	}
}

// list reads a key with the values 1, 2, 3 and so on; nil where there is none.
func (r registry) list(key, name string) (list []string) {
	names, err := r.machine.Registry.Values(r.root, platform.View64, key+`\`+name)
	if err != nil {
		noteError(r.of, err)
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

// settings reads ExtensionSettings: one JSON text, or a key that has a JSON text or a subkey for each extension.
func (r registry) settings(policies string) (all map[string]facts.ExtensionSetting) {
	r.decode(policies, extensionSettings, &all)
	if all != nil {
		return all
	}
	key := policies + `\` + extensionSettings
	all = map[string]facts.ExtensionSetting{}
	names, err := r.machine.Registry.Values(r.root, platform.View64, key)
	noteError(r.of, err)
	for _, id := range names {
		var s facts.ExtensionSetting
		r.decode(key, id, &s)
		all[id] = s
	}
	ids, err := r.machine.Registry.Keys(r.root, platform.View64, key)
	noteError(r.of, err)
	for _, id := range ids {
		all[id] = facts.ExtensionSetting{
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

package policy

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"

	"etax-doctor/checks/facts"
	"etax-doctor/checks/platform"
)

// largestPolicy is in bytes, far above the size of any policy file.
const largestPolicy = 1 << 20

// fromFolder reads all policy files of a folder, ordered by name. If two files set a policy, the later file wins.
func fromFolder(m *platform.Computer, folder string) (p facts.BrowserPolicy) {
	names, err := m.Files.List(folder)
	noteError(&p, err)
	slices.Sort(names)
	for _, name := range names {
		if !strings.HasSuffix(name, ".json") {
			continue
		}
		data, err := m.Files.Read(filepath.Join(folder, name), largestPolicy)
		noteError(&p, err)
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
			p.Unreadable = true
			continue
		}
		replace(&p.HostBlocklist, file.NativeMessagingBlocklist)
		replace(&p.HostAllowlist, file.NativeMessagingAllowlist)
		replace(&p.ExtensionBlocklist, file.ExtensionInstallBlocklist)
		replace(&p.ExtensionAllowlist, file.ExtensionInstallAllowlist)
		replace(&p.ExtensionForcelist, file.ExtensionInstallForcelist)
		if file.NativeMessagingUserLevelHosts != nil {
			p.UserLevelHosts = file.NativeMessagingUserLevelHosts
		}
		if file.NativeHostsExecutablesLaunchDirectly != nil {
			p.LaunchDirectly = file.NativeHostsExecutablesLaunchDirectly
		}
		if file.ExtensionSettings != nil && json.Unmarshal(file.ExtensionSettings, &p.ExtensionSettings) != nil {
			p.Unreadable = true
		}
	}
	return p
}

func replace(old *[]string, by []string) {
	if by != nil {
		*old = by
	}
}

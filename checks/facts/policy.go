package facts

import "slices"

// Policy is what an administrator's policies set for native messaging and extensions, as it stands in the registry or
// in the browsers' own policy files.
type Policy struct {
	OS       string          `json:"os"`
	Browsers []BrowserPolicy `json:"browsers,omitempty"`
	// DisableCMD is Windows' policy of that name; nil if it is not set.
	DisableCMD *uint64 `json:"disableCmd,omitempty"`
	// DisableCMDUnreadable is set if that policy could not be read.
	DisableCMDUnreadable bool `json:"disableCmdUnreadable,omitempty"`
}

// BrowserPolicy is one browser's policies. In the lists, [Other] replaces every entry that is neither * nor a known
// bridge: the names of an organisation's own programs and extensions never leave the process.
type BrowserPolicy struct {
	Browser            string   `json:"browser"`
	HostBlocklist      []string `json:"hostBlocklist,omitempty"`      // NativeMessagingBlocklist
	HostAllowlist      []string `json:"hostAllowlist,omitempty"`      // NativeMessagingAllowlist
	UserLevelHosts     *bool    `json:"userLevelHosts,omitempty"`     // NativeMessagingUserLevelHosts
	LaunchDirectly     *bool    `json:"launchDirectly,omitempty"`     // NativeHostsExecutablesLaunchDirectly
	ExtensionBlocklist []string `json:"extensionBlocklist,omitempty"` // ExtensionInstallBlocklist
	ExtensionAllowlist []string `json:"extensionAllowlist,omitempty"` // ExtensionInstallAllowlist
	ExtensionForcelist []string `json:"extensionForcelist,omitempty"` // ExtensionInstallForcelist, only the ids
	// ExtensionSettings has as keys extension ids, a store's update URL, or * for all.
	ExtensionSettings map[string]ExtensionSetting `json:"extensionSettings,omitempty"`
	Unreadable        bool                        `json:"unreadable,omitempty"` // a part of them could not be read
}

// ExtensionSetting is one entry of the policy ExtensionSettings.
type ExtensionSetting struct {
	InstallationMode   string   `json:"installation_mode,omitempty"`
	BlockedPermissions []string `json:"blocked_permissions,omitempty"`
	AllowedPermissions []string `json:"allowed_permissions,omitempty"`
}

// Other stands for entries about programs and extensions that this product does not know.
const Other = "other"

// UserLevelHostsAllowed reports whether a browser may use hosts that are registered for one user only.
func (p *Policy) UserLevelHostsAllowed(browser string) bool {
	return p == nil || !slices.ContainsFunc(p.Browsers, func(b BrowserPolicy) bool {
		return b.Browser == browser && b.UserLevelHosts != nil && !*b.UserLevelHosts
	})
}

package facts

import "slices"

// Policy is what an administrator's policies say of native messaging and of extensions, as the browsers' own policy
// files have it.
type Policy struct {
	OS       string          `json:"os"`
	Browsers []BrowserPolicy `json:"browsers,omitempty"`
	// DisableCMD is Windows' policy of that name; nil where it is not set.
	DisableCMD *uint64 `json:"disableCmd,omitempty"`
	// DisableCMDUnreadable is set where it may not be read.
	DisableCMDUnreadable bool `json:"disableCmdUnreadable,omitempty"`
}

// BrowserPolicy is one browser's policies. In the lists, an entry that concerns neither all nor a known bridge is [Other]:
// the names of an office's own programs and extensions stay in the process.
type BrowserPolicy struct {
	Browser            string   `json:"browser"`
	HostBlocklist      []string `json:"hostBlocklist,omitempty"`      // NativeMessagingBlocklist
	HostAllowlist      []string `json:"hostAllowlist,omitempty"`      // NativeMessagingAllowlist
	UserLevelHosts     *bool    `json:"userLevelHosts,omitempty"`     // NativeMessagingUserLevelHosts
	LaunchDirectly     *bool    `json:"launchDirectly,omitempty"`     // NativeHostsExecutablesLaunchDirectly
	ExtensionBlocklist []string `json:"extensionBlocklist,omitempty"` // ExtensionInstallBlocklist
	ExtensionAllowlist []string `json:"extensionAllowlist,omitempty"` // ExtensionInstallAllowlist
	ExtensionForcelist []string `json:"extensionForcelist,omitempty"` // ExtensionInstallForcelist, ids alone
	// ExtensionSettings are by an id, a store's update address, or * for all.
	ExtensionSettings map[string]ExtensionSetting `json:"extensionSettings,omitempty"`
	Unreadable        bool                        `json:"unreadable,omitempty"` // something of it could not be read
}

// ExtensionSetting is one entry of the policy ExtensionSettings.
type ExtensionSetting struct {
	InstallationMode   string   `json:"installation_mode,omitempty"`
	BlockedPermissions []string `json:"blocked_permissions,omitempty"`
	AllowedPermissions []string `json:"allowed_permissions,omitempty"`
}

// Other stands for entries that concern programs and extensions that this product does not know.
const Other = "other"

// UserLevelHostsAllowed reports whether a browser may use hosts that are registered for one user alone.
func (p *Policy) UserLevelHostsAllowed(browser string) bool {
	return p == nil || !slices.ContainsFunc(p.Browsers, func(b BrowserPolicy) bool {
		return b.Browser == browser && b.UserLevelHosts != nil && !*b.UserLevelHosts
	})
}

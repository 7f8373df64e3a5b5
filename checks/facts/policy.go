package facts

import "slices"

// Policy is what an administrator's policies say of native messaging and of the extensions.
type Policy struct {
	OS       string          `json:"os"`
	Browsers []BrowserPolicy `json:"browsers,omitempty"`
	// CommandPromptUnknown is set where DisableCMD may not be read.
	CommandPromptUnknown bool `json:"commandPromptUnknown,omitempty"`
	// CommandPromptDisabled is Windows' DisableCMD=1: browsers that start hosts through cmd.exe cannot start any.
	CommandPromptDisabled bool `json:"commandPromptDisabled,omitempty"`
}

// UserHostsOff reports whether a browser may use only hosts that are registered for the whole computer.
func (p *Policy) UserHostsOff(browser string) bool {
	return p != nil && slices.ContainsFunc(p.Browsers, func(b BrowserPolicy) bool { return b.Browser == browser && b.UserHostsOff })
}

// BrowserPolicy is one browser's.
type BrowserPolicy struct {
	Browser string `json:"browser"`
	// NativeMessagingBlocked are the policies that keep the browser from starting the bridge's app.
	NativeMessagingBlocked []string `json:"nativeMessagingBlocked,omitempty"`
	// UserHostsOff is NativeMessagingUserLevelHosts=0: only hosts of the whole computer may be started.
	UserHostsOff bool `json:"userHostsOff,omitempty"`
	// ExtensionsBlocked are the policies that forbid a bridge extension.
	ExtensionsBlocked []string `json:"extensionsBlocked,omitempty"`
	// ExtensionsUncertain is set where extensions are blocked but for some, and the bridge's id in this browser's store is
	// not known.
	ExtensionsUncertain bool `json:"extensionsUncertain,omitempty"`
	// LaunchDirectly is NativeHostsExecutablesLaunchDirectly: hosts are started without cmd.exe.
	LaunchDirectly bool `json:"launchDirectly,omitempty"`
	Unreadable     bool `json:"unreadable,omitempty"` // something of it could not be read
}

package facts

// Policy is what an administrator's policies say of native messaging and of the extensions.
type Policy struct {
	OS       string          `json:"os"`
	Browsers []BrowserPolicy `json:"browsers,omitempty"`
	// CommandPromptDisabled is Windows' DisableCMD=1: browsers that start hosts through cmd.exe cannot start any.
	CommandPromptDisabled bool `json:"commandPromptDisabled,omitempty"`
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
	// LaunchDirectly is NativeHostsExecutablesLaunchDirectly: hosts are started without cmd.exe.
	LaunchDirectly bool `json:"launchDirectly,omitempty"`
	Unreadable     bool `json:"unreadable,omitempty"` // something of it could not be read
}

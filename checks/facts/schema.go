package facts

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
)

// Schema marks a facts file as ours and names the version of its shape. Files of the versions before are still read.
const (
	Schema   = "etax-doctor.facts/3"
	schemaV1 = "etax-doctor.facts/1" // it had the days of a certificate
	schemaV2 = "etax-doctor.facts/2" // of policies, it had what they lead to
)

// The reasons why a file is not read.
var (
	ErrNotFacts     = errors.New("this is no file of facts")
	ErrOtherVersion = errors.New("the version of these facts is not known")
)

// Read decodes a facts file of this version or of one before, and returns it in the shape of this version.
func Read(data []byte) (*Facts, error) {
	var f Facts
	switch err := json.Unmarshal(data, &f); {
	case err != nil:
		return nil, ErrNotFacts
	case !slices.Contains([]string{Schema, schemaV1, schemaV2}, f.Schema) && strings.HasPrefix(f.Schema, "etax-doctor.facts/"):
		return nil, ErrOtherVersion
	case !strings.HasPrefix(f.Schema, "etax-doctor.facts/"), f.CollectedAt.IsZero():
		return nil, ErrNotFacts
	}
	if f.Schema != Schema && f.Policy != nil {
		if err := upgradePolicy(data, f.Policy); err != nil {
			return nil, ErrNotFacts
		}
	}
	f.Schema = Schema
	return &f, nil
}

// policyV2 is what versions 1 and 2 kept of policies: what they led to.
type policyV2 struct {
	Browsers []struct {
		NativeMessagingBlocked []string `json:"nativeMessagingBlocked"`
		UserHostsOff           bool     `json:"userHostsOff"`
		ExtensionsBlocked      []string `json:"extensionsBlocked"`
		ExtensionsUncertain    bool     `json:"extensionsUncertain"`
	} `json:"browsers"`
	CommandPromptUnknown  bool `json:"commandPromptUnknown"`
	CommandPromptDisabled bool `json:"commandPromptDisabled"`
}

// upgradePolicy writes policies that lead to what an older version kept. Browser, launchDirectly and unreadable are the
// same in both.
func upgradePolicy(data []byte, p *Policy) error {
	var old struct{ Policy policyV2 }
	if err := json.Unmarshal(data, &old); err != nil {
		return err
	}
	p.DisableCMDUnreadable = old.Policy.CommandPromptUnknown
	if old.Policy.CommandPromptDisabled {
		p.DisableCMD = new(uint64)
		*p.DisableCMD = 1
	}
	all := []string{"*"}
	for i, was := range old.Policy.Browsers {
		b := &p.Browsers[i]
		if was.NativeMessagingBlocked != nil {
			b.HostBlocklist = all
		}
		if was.UserHostsOff {
			b.UserLevelHosts = new(bool)
		}
		switch {
		case was.ExtensionsUncertain:
			b.ExtensionBlocklist, b.ExtensionAllowlist = all, []string{Other}
		case slices.Contains(was.ExtensionsBlocked, "ExtensionInstallBlocklist"):
			b.ExtensionBlocklist = all
		case was.ExtensionsBlocked != nil:
			b.ExtensionSettings = map[string]ExtensionSetting{"*": {InstallationMode: "blocked"}}
		}
	}
	return nil
}

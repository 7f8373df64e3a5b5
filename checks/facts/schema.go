package facts

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
)

// Schema identifies a facts file and the version of its format. Files of earlier versions are still read.
const (
	Schema   = "etax-doctor.facts/3"
	schemaV1 = "etax-doctor.facts/1" // contained a certificate's dates
	schemaV2 = "etax-doctor.facts/2" // contained the effect of policies, not the policies
)

// The reasons why a file is not read.
var (
	ErrNotFacts     = errors.New("this is no file of facts")
	ErrOtherVersion = errors.New("the version of these facts is not known")
)

// Read decodes a facts file of this or an earlier version and returns it in the format of this version.
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

// policyV2 is what versions 1 and 2 recorded about policies: their effect.
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

// upgradePolicy fills p with policies that have the effect which an older version recorded. The fields browser,
// launchDirectly and unreadable are the same in all versions.
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

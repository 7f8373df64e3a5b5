package facts

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRead(t *testing.T) {
	for name, c := range map[string]struct {
		data string
		want error
	}{
		"this version":          {`{"schema":"etax-doctor.facts/3","collectedAt":"2027-02-16T03:00:00Z"}`, nil},
		"the second":            {`{"schema":"etax-doctor.facts/2","collectedAt":"2027-02-16T03:00:00Z"}`, nil},
		"the first":             {`{"schema":"etax-doctor.facts/1","collectedAt":"2027-02-16T03:00:00Z"}`, nil},
		"a later one":           {`{"schema":"etax-doctor.facts/4","collectedAt":"2027-02-16T03:00:00Z"}`, ErrOtherVersion},
		"without a time":        {`{"schema":"etax-doctor.facts/3"}`, ErrNotFacts},
		"something else":        {`{"schema":"x","collectedAt":"2027-02-16T03:00:00Z"}`, ErrNotFacts},
		"no JSON":               {`facts`, ErrNotFacts},
		"of another type":       {`{"schema":"etax-doctor.facts/3","collectedAt":7}`, ErrNotFacts},
		"a policy that is none": {`{"schema":"etax-doctor.facts/2","collectedAt":"2027-02-16T03:00:00Z","policy":{"browsers":[{"userHostsOff":"yes"}]}}`, ErrNotFacts},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := Read([]byte(c.data))
			assert.ErrorIs(t, err, c.want)
			if err == nil {
				assert.Equal(t, Schema, f.Schema, "in which it would be written again")
			}
		})
	}
}

func TestOldPolicies(t *testing.T) {
	f, err := Read([]byte(`{"schema":"etax-doctor.facts/2","collectedAt":"2027-02-16T03:00:00Z","policy":{"os":"windows","commandPromptDisabled":true,"browsers":[
		{"browser":"chrome","nativeMessagingBlocked":["NativeMessagingBlocklist"],"userHostsOff":true,"launchDirectly":true,"unreadable":true},
		{"browser":"edge","extensionsUncertain":true},
		{"browser":"chromium","extensionsBlocked":["ExtensionInstallBlocklist"]},
		{"browser":"brave","extensionsBlocked":["ExtensionSettings"]}]}}`))
	require.NoError(t, err)
	no, yes, one := false, true, uint64(1)
	assert.Equal(t, &Policy{OS: "windows", DisableCMD: &one, Browsers: []BrowserPolicy{
		{Browser: "chrome", HostBlocklist: []string{"*"}, UserLevelHosts: &no, LaunchDirectly: &yes, Unreadable: true},
		{Browser: "edge", ExtensionBlocklist: []string{"*"}, ExtensionAllowlist: []string{Other}},
		{Browser: "chromium", ExtensionBlocklist: []string{"*"}},
		{Browser: "brave", ExtensionSettings: map[string]ExtensionSetting{"*": {InstallationMode: "blocked"}}},
	}}, f.Policy)
}

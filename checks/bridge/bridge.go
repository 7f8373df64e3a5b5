// Package bridge is what is known of the bridges between the e-Tax page and the card: extension and app. They are not
// ours; identifiers that no public source gives are not in the table, and are added when they are known.
package bridge

import (
	_ "embed"
	"slices"
	"strings"

	"etax-doctor/checks/table"
)

//go:embed bridges.json
var bridgesJSON []byte

// Bridge is one of them.
type Bridge struct {
	Name string `json:"name"`
	Host string `json:"host"` // the native-messaging host that its app registers
	// Use is login for those that e-Tax's card login can use.
	Use string `json:"use"`
	// Origins are its extension's, as in allowed_origins.
	Origins    []string `json:"origins"`
	Source     string   `json:"source"`
	Confidence string   `json:"confidence"`
}

var bridges = table.Once[[]Bridge]("bridges.json", bridgesJSON)

// All returns the known bridges.
func All() []Bridge { return bridges() }

// ForLogin returns those that e-Tax's card login can use.
func ForLogin() []Bridge {
	return slices.DeleteFunc(slices.Clone(bridges()), func(b Bridge) bool { return b.Use != "login" })
}

// IsForLogin reports whether a host is that of a bridge for the card login.
func IsForLogin(host string) bool {
	return slices.ContainsFunc(ForLogin(), func(b Bridge) bool { return b.Host == host })
}

// Extensions are the ids of the bridge's extension.
func (b Bridge) Extensions() []string {
	ids := make([]string, len(b.Origins))
	for i, o := range b.Origins {
		ids[i] = strings.TrimSuffix(strings.TrimPrefix(o, "chrome-extension://"), "/")
	}
	return ids
}

// Allows reports whether a manifest that lets these origins in lets the bridge's extension in. The id in the Edge store
// is not known, so in Edge any extension may be it.
func (b Bridge) Allows(origins []string, browser string) bool {
	if browser == "edge" {
		return len(origins) > 0
	}
	return slices.ContainsFunc(origins, func(o string) bool { return slices.Contains(b.Origins, o) })
}

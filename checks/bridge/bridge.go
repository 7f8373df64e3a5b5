// Package bridge is what is known of the bridges between the e-Tax page and the card: extension and app. They are not
// ours; identifiers that no public source gives are not in the table, and are added when they are known.
package bridge

import (
	_ "embed"
	"slices"

	"etax-doctor/checks/table"
)

// bridgesJSON is the table of bridges. `go generate ./host` writes the extension's share of it.
//
//go:embed bridges.json
var bridgesJSON []byte

// Bridge is one of them.
type Bridge struct {
	Name string `json:"name"` // of its extension, as browsers show it
	App  string `json:"app"`
	Host string `json:"host"` // the native-messaging host that its app registers; "" where that is not known
	// Use is login for those that e-Tax's card login can use.
	Use string `json:"use"`
	// IDs are its extension's, by store: chrome and edge.
	IDs        map[string][]string `json:"ids"`
	Source     string              `json:"source"`
	Confidence string              `json:"confidence"`
}

var bridges = table.Once[[]Bridge]("bridges.json", bridgesJSON)

// All returns the bridges whose host is known.
func All() []Bridge {
	return slices.DeleteFunc(slices.Clone(bridges()), func(b Bridge) bool { return b.Host == "" })
}

// ForLogin returns those that e-Tax's card login can use.
func ForLogin() []Bridge {
	return slices.DeleteFunc(All(), func(b Bridge) bool { return b.Use != "login" })
}

// IsForLogin reports whether a host is that of a bridge for the card login.
func IsForLogin(host string) bool {
	return slices.ContainsFunc(ForLogin(), func(b Bridge) bool { return b.Host == host })
}

// Names reports whether a name is that of a known bridge's host, or the id of its extension.
func Names(name string) bool {
	return slices.ContainsFunc(bridges(), func(b Bridge) bool {
		return name != "" && (b.Host == name || slices.Contains(b.Extensions(), name))
	})
}

// Extensions are the ids of the bridge's extension in all stores.
func (b Bridge) Extensions() (ids []string) {
	for _, of := range b.IDs {
		ids = append(ids, of...)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Allows reports whether a manifest that lets these origins in lets the bridge's extension in. The id in the Edge store
// is not known, so in Edge any extension may be it.
func (b Bridge) Allows(origins []string, browser string) bool {
	if browser == "edge" {
		return len(origins) > 0
	}
	return slices.ContainsFunc(b.Extensions(), func(id string) bool {
		return slices.Contains(origins, "chrome-extension://"+id+"/")
	})
}

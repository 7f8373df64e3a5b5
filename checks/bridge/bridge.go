// Package bridge holds what is known about the bridges between the e-Tax page and the card. A bridge is an extension
// and an app, made by others. The table has no identifier without a public source; one is added when it is known.
package bridge

import (
	_ "embed"
	"slices"

	"etax-doctor/checks/table"
)

// bridgesJSON is the table of bridges. `go generate ./host` writes the part of it that the extension needs.
//
//go:embed bridges.json
var bridgesJSON []byte

// Bridge is one entry of the table.
type Bridge struct {
	Name string `json:"name"` // the extension's name, as browsers show it
	App  string `json:"app"`
	Host string `json:"host"` // the native-messaging host that its app registers; "" if not known
	// Use is "login" if e-Tax's card login can use the bridge.
	Use string `json:"use"`
	// IDs are the ids of the extension, by store: chrome or edge.
	IDs        map[string][]string `json:"ids"`
	Source     string              `json:"source"`
	Confidence string              `json:"confidence"`
}

var bridges = table.Once[[]Bridge]("bridges.json", bridgesJSON)

// All returns the bridges whose host is known.
func All() []Bridge {
	return slices.DeleteFunc(slices.Clone(bridges()), func(b Bridge) bool { return b.Host == "" })
}

// ForLogin returns the bridges that e-Tax's card login can use.
func ForLogin() []Bridge {
	return slices.DeleteFunc(All(), func(b Bridge) bool { return b.Use != "login" })
}

// HostOf returns the native-messaging host of the bridge for the card login whose extension has this id; "" if there is none.
func HostOf(extension string) string {
	for _, b := range ForLogin() {
		if slices.Contains(b.Extensions(), extension) {
			return b.Host
		}
	}
	return ""
}

// AppOf returns the name of the app that registers a native-messaging host. Without a host, it is the official one's.
func AppOf(host string) string {
	i := slices.IndexFunc(bridges(), func(b Bridge) bool { return host != "" && b.Host == host })
	return bridges()[max(i, 0)].App
}

// IsForLogin reports whether host is the native-messaging host of a bridge for the card login.
func IsForLogin(host string) bool {
	return slices.ContainsFunc(ForLogin(), func(b Bridge) bool { return b.Host == host })
}

// IsKnown reports whether name is the host of a known bridge or the id of its extension.
func IsKnown(name string) bool {
	return slices.ContainsFunc(bridges(), func(b Bridge) bool {
		return name != "" && (b.Host == name || slices.Contains(b.Extensions(), name))
	})
}

// Extensions returns the ids of the bridge's extension in all stores.
func (b Bridge) Extensions() (ids []string) {
	for _, of := range b.IDs {
		ids = append(ids, of...)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Allows reports whether a manifest with these allowed_origins allows the bridge's extension. The id in the Edge store
// is not known, so in Edge any allowed extension may be the bridge's.
func (b Bridge) Allows(origins []string, browser string) bool {
	if browser == "edge" {
		return len(origins) > 0
	}
	return slices.ContainsFunc(b.Extensions(), func(id string) bool {
		return slices.Contains(origins, "chrome-extension://"+id+"/")
	})
}

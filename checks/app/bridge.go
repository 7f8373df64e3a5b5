package app

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"etax-doctor/manifests"
)

// bridgesJSON is what is known of the apps behind the bridge extensions. Identifiers that no public source gives are
// not in it: they are added when they are known.
//
//go:embed bridges.json
var bridgesJSON []byte

type bridge struct {
	Name string `json:"name"`
	Host string `json:"host"`
	// Use is login for those that e-Tax's card login can use.
	Use        string   `json:"use"`
	Origins    []string `json:"origins"`
	Source     string   `json:"source"`
	Confidence string   `json:"confidence"`
}

const forLogin = "login"

var bridges = sync.OnceValue(func() (list []bridge) {
	if err := json.Unmarshal(bridgesJSON, &list); err != nil {
		panic(fmt.Sprintf("the embedded table of bridges is broken: %v", err))
	}
	return list
})

func (b bridge) isForLogin() bool { return b.Use == forLogin }

// usedForLogin reports whether a host name is that of a bridge for the card login.
func usedForLogin(host string) bool {
	return slices.ContainsFunc(bridges(), func(b bridge) bool { return b.Host == host && b.isForLogin() })
}

// allows reports whether a manifest lets the bridge's extension in. The id in the Edge store is not known, so in Edge
// any extension that is let in may be it.
func (b bridge) allows(origins []string, browser manifests.Browser) bool {
	if browser.ID == "edge" {
		return len(origins) > 0
	}
	return slices.ContainsFunc(origins, func(o string) bool { return slices.Contains(b.Origins, o) })
}

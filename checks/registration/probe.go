// Package registration checks this product's own registration with the browsers, and judges it.
package registration

import (
	"context"
	"os"
	"strings"

	"etax-doctor/checks/bridge"
	"etax-doctor/checks/facts"
	"etax-doctor/checks/platform"
	"etax-doctor/manifests"
)

// Probe looks up our host as each browser would. It starts each program that it finds once, if mayStart allows it:
// askVersion starts the program as a browser would and returns the version from its answer to hello, or "". version is
// the version of the running program.
func Probe(ctx context.Context, m *platform.Computer, version string, askVersion func(ctx context.Context, program string) string) *facts.OwnHost {
	own := &facts.OwnHost{Version: version}
	answers := map[string]string{}
	for _, r := range registrations(m) {
		notStarted := false
		switch _, asked := answers[r.Program]; {
		case asked || r.State != facts.RegistrationOK:
		case !hasOurName(r.Program):
			r.State = facts.ManifestOfAnother // whatever it is, it is not started
		case !mayStart(r):
			notStarted = true
		default:
			answers[r.Program] = askVersion(ctx, r.Program)
		}
		own.Registrations = append(own.Registrations, facts.OwnRegistration{Registration: r, Version: answers[r.Program], NotStarted: notStarted})
	}
	return own
}

// registrations looks up our host as each browser would.
func registrations(m *platform.Computer) (list []facts.Registration) {
	own := bridge.Bridge{Host: manifests.ForHost("").Name, IDs: map[string][]string{"chrome": ids(), "edge": ids()}}
	for _, browser := range manifests.AllBrowsers() {
		if r, found := bridge.LookUp(m, browser, own); found {
			list = append(list, r)
		}
	}
	return list
}

// mayStart reports whether a registered program can be started without giving anybody additional rights: it must be
// this program itself, or be in a folder where only an administrator can write. A process with administrator rights
// does not start a program that is registered for one user only.
func mayStart(r facts.Registration) bool {
	if r.Level == facts.LevelUser && elevated() {
		return false
	}
	self, err := os.Executable()
	if err != nil {
		return false
	}
	running, err := os.Stat(self)
	if err != nil {
		return false
	}
	registered, err := os.Stat(r.Program)
	return err == nil && (os.SameFile(running, registered) || inSystemPlace(r.Program))
}

// hasOurName reports whether a program has the file name of ours.
func hasOurName(program string) bool {
	name := program[strings.LastIndexAny(program, `/\`)+1:]
	return strings.TrimSuffix(strings.ToLower(name), ".exe") == "etax-doctor"
}

// ids returns the ids of our extension.
func ids() (ids []string) {
	for _, origin := range manifests.AllowedOrigins() {
		ids = append(ids, strings.Trim(strings.TrimPrefix(origin, "chrome-extension://"), "/"))
	}
	return ids
}

// Package self looks at this product's own registration with the browsers, and starts what is registered as they would.
package self

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"time"

	"etax-doctor/checks/app"
	"etax-doctor/checks/facts"
	"etax-doctor/checks/outside"
	"etax-doctor/host/nativemsg"
	"etax-doctor/host/version"
	"etax-doctor/manifests"
)

// patience is how long a host may take to say hello: the first start of a program may be looked into by security software.
const patience = 4 * time.Second

// aVersion is what a program may say of its version; anything else is not kept.
var aVersion = regexp.MustCompile(`^\d{1,5}(\.\d{1,5}){1,3}$`)

// Probe looks our host up as each browser would. Each program that is found is started once, if it may be.
func Probe(ctx context.Context, m *outside.Machine) *facts.Doctor {
	doctor := &facts.Doctor{Version: version.Version}
	said := map[string]string{}
	for _, r := range app.Own(m, manifests.ForHost("").Name, ids()) {
		notStarted := false
		switch _, asked := said[r.Program]; {
		case asked || r.State != facts.RegistrationOK:
		case !ours(r.Program):
			r.State = facts.ManifestOfAnother // whatever it is, it is not started
		case !mayStart(r):
			notStarted = true
		default:
			said[r.Program] = hello(ctx, r.Program)
		}
		doctor.Registrations = append(doctor.Registrations, facts.DoctorRegistration{Registration: r, Version: said[r.Program], NotStarted: notStarted})
	}
	return doctor
}

// mayStart reports whether starting a registered program gives nobody rights that they do not have: it is this very
// program, or lies where only an administrator can put one. With an administrator's rights, nothing is started that a
// person without them has registered.
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

// ours reports whether a program bears our name.
func ours(program string) bool {
	name := program[strings.LastIndexAny(program, `/\`)+1:]
	return strings.TrimSuffix(strings.ToLower(name), ".exe") == "etax-doctor"
}

// ids are those of our extension.
func ids() (ids []string) {
	for _, origin := range manifests.AllowedOrigins() {
		ids = append(ids, strings.Trim(strings.TrimPrefix(origin, "chrome-extension://"), "/"))
	}
	return ids
}

// hello starts a host, and returns the version that it says hello with; "" where it does not.
func hello(ctx context.Context, program string) string {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, manifests.AllowedOrigins()[0])
	cmd.WaitDelay = patience
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return ""
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil || cmd.Start() != nil {
		return ""
	}
	// What the program itself has started may hold its output open.
	defer context.AfterFunc(ctx, func() { stdout.Close() })()
	message, err := nativemsg.Read(stdout)
	stdin.Close() // the browser's way of saying goodbye
	var said struct{ Type, Version string }
	if err == nil && json.Unmarshal(message, &said) != nil || said.Type != "hello" || !aVersion.MatchString(said.Version) {
		said.Version = ""
	}
	_ = cmd.Wait()
	return said.Version
}

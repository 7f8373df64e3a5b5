// Package self looks at this product's own registration with the browsers, and starts what is registered as they would.
package self

import (
	"context"
	"encoding/json"
	"os/exec"
	"strings"
	"time"

	"etax-doctor/checks/app"
	"etax-doctor/checks/facts"
	"etax-doctor/checks/outside"
	"etax-doctor/host/nativemsg"
	"etax-doctor/host/version"
	"etax-doctor/manifests"
)

// patience is how long a host may take to say hello.
const patience = time.Second

// Probe looks our host up as each browser would. Each program that is found is started once.
func Probe(ctx context.Context, m *outside.Machine) *facts.Doctor {
	doctor := &facts.Doctor{Version: version.Version}
	said := map[string]string{}
	for _, r := range app.Own(m, manifests.ForHost("").Name, ids()) {
		if _, asked := said[r.Program]; !asked && r.State == facts.RegistrationOK {
			said[r.Program] = hello(ctx, r.Program)
		}
		doctor.Registrations = append(doctor.Registrations, facts.DoctorRegistration{Registration: r, Version: said[r.Program]})
	}
	return doctor
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
	message, err := nativemsg.Read(stdout)
	stdin.Close() // the browser's way of saying goodbye
	var said struct{ Type, Version string }
	if err == nil && json.Unmarshal(message, &said) != nil || said.Type != "hello" {
		said.Version = ""
	}
	_ = cmd.Wait()
	return said.Version
}

package main

import (
	"context"
	"encoding/json"
	"os/exec"
	"regexp"
	"sync"
	"time"

	"etax-doctor/host/nativemsg"
	"etax-doctor/manifests"
)

// helloTimeout is how long a host may take to say hello: security software may scan a program at its first start.
const helloTimeout = 12 * time.Second

// versionPattern matches a version number. Any other answer of a program is dropped.
var versionPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\d{1,5}(\.\d{1,5}){1,3}$`) })

// askVersion starts a host as a browser would, and returns the version in its hello message, or "" if there is none.
func askVersion(ctx context.Context, program string) string {
	ctx, cancel := context.WithTimeout(ctx, helloTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, manifests.AllowedOrigins()[0])
	cmd.WaitDelay = helloTimeout
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return ""
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil || cmd.Start() != nil {
		return ""
	}
	// A child process may keep the program's stdout open after the timeout, so the read is ended here.
	defer context.AfterFunc(ctx, func() { stdout.Close() })()
	message, err := nativemsg.Read(stdout)
	stdin.Close() // a browser ends a session like this
	var hello struct{ Type, Version string }
	if err == nil && json.Unmarshal(message, &hello) != nil || hello.Type != "hello" || !versionPattern().MatchString(hello.Version) {
		hello.Version = ""
	}
	_ = cmd.Wait()
	return hello.Version
}

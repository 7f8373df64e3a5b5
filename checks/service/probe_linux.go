package service

import (
	"context"
	"os"
	"os/exec"

	"etax-doctor/checks/facts"
)

const (
	defaultSocket = "/run/pcscd/pcscd.comm"
	socketEnv     = "PCSCLITE_CSOCK_NAME" // pcsc-lite's own override, which its client library follows too
)

// daemons are the places of pcscd's program outside the PATH of an ordinary user.
var daemons = []string{"/usr/sbin/pcscd", "/usr/local/sbin/pcscd", "/usr/bin/pcscd", "/sbin/pcscd"}

// Probe looks for pcscd. The reader probe finds out whether pcscd answers, because it must connect to it anyway.
func Probe(context.Context) *facts.Service {
	socket := os.Getenv(socketEnv)
	if socket == "" {
		socket = defaultSocket
	}
	p := &facts.PCSCD{Socket: exists(socket)}
	p.Installed = p.Socket
	for _, d := range daemons {
		p.Installed = p.Installed || exists(d)
	}
	if !p.Installed {
		_, err := exec.LookPath("pcscd")
		p.Installed = err == nil
	}
	return &facts.Service{OS: "linux", PCSCD: p}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

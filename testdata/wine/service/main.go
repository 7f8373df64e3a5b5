//go:build windows

// Command service is a Windows service that does nothing, for tests: it can be registered under any name and started.
package main

import "golang.org/x/sys/windows/svc"

type idle struct{}

func (idle) Execute(_ []string, requests <-chan svc.ChangeRequest, status chan<- svc.Status) (bool, uint32) {
	status <- svc.Status{State: svc.Running, Accepts: svc.AcceptStop}
	for r := range requests {
		if r.Cmd == svc.Stop {
			return false, 0
		}
	}
	return false, 0
}

func main() { _ = svc.Run("", idle{}) }

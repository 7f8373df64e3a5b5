package repair

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"golang.org/x/sys/windows"

	"etax-doctor/checks/app"
	"etax-doctor/checks/facts"
	"etax-doctor/checks/platform"
	"etax-doctor/checks/service"
)

func do(ctx context.Context, a Action) Outcome {
	system, err := windows.GetSystemDirectory()
	if err != nil {
		return Failed
	}
	switch a {
	case StartService:
		// A disabled service cannot be started, so its start type is first set to the default of Windows.
		sc := filepath.Join(system, "sc.exe") // the full path: cmd would search its current folder first
		commands := `/d /c ` + sc + ` config SCardSvr start= demand & ` + sc + ` start SCardSvr`
		outcome := open("runas", filepath.Join(system, "cmd.exe"), commands)
		if outcome == Done {
			waitForService(ctx)
		}
		return outcome
	case OpenJPKIMenu:
		menu, ok := app.JPKIMenu(platform.This())
		if !ok {
			return Unsupported
		}
		return open("open", menu, "")
	case OpenServices:
		return open("open", filepath.Join(system, "services.msc"), "")
	}
	return Unsupported
}

// open returns after the person has answered the system's dialog, if there is one.
func open(verb, program, arguments string) Outcome {
	text := func(s string) *uint16 {
		p, _ := windows.UTF16PtrFromString(s)
		return p
	}
	err := windows.ShellExecute(0, text(verb), text(program), text(arguments), nil, windows.SW_HIDE)
	switch {
	case err == nil:
		return Done
	case errors.Is(err, windows.ERROR_CANCELLED), errors.Is(err, windows.ERROR_ACCESS_DENIED):
		return Declined
	}
	return Failed
}

const (
	startTimeout = 5 * time.Second
	pollInterval = 100 * time.Millisecond
)

// waitForService waits until the service runs, so that a new check does not start too early.
func waitForService(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for {
		if s, ok := service.Probe(ctx).Named(facts.SmartCardService); ok && s.State == facts.ServiceRunning {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pollInterval):
		}
	}
}

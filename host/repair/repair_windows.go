package repair

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/windows"

	"etax-doctor/checks/app"
	"etax-doctor/checks/platform"
)

func do(ctx context.Context, a Action) Outcome {
	switch a {
	case StartService:
		// This program itself does it with an administrator's rights: a policy that forbids the command prompt does not stop
		// it, and its exit code is the answer.
		program, err := os.Executable()
		if err != nil {
			return Failed
		}
		return execute(ctx, shellCommand{verb: "runas", file: program, parameters: elevatedVerb + " " + string(a), show: windows.SW_HIDE, wait: true})
	case OpenJPKIMenu:
		menu, ok := app.JPKIMenu(platform.This())
		if !ok {
			return Unsupported
		}
		return execute(ctx, shellCommand{verb: "open", file: menu, show: windows.SW_SHOWNORMAL})
	case OpenServices:
		system, err := windows.GetSystemDirectory()
		if err != nil {
			return Failed
		}
		return execute(ctx, shellCommand{verb: "open", file: filepath.Join(system, "services.msc"), show: windows.SW_SHOWNORMAL})
	}
	return Unsupported
}

// elevatedVerb is the first argument with which this program starts itself as an administrator; the second is the action. It
// is no command for people.
const elevatedVerb = "elevated"

// Elevated does the part of a repair that needs an administrator's rights, if the arguments ask for one. code is the exit code.
func Elevated(ctx context.Context, arguments []string) (code int, asked bool) {
	if len(arguments) != 2 || arguments[0] != elevatedVerb {
		return 0, false
	}
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	if Action(arguments[1]) != StartService || startService(ctx) != nil {
		return 1, true
	}
	return 0, true
}

const (
	startTimeout = 10 * time.Second
	pollInterval = 100 * time.Millisecond
)

// startService starts the smart card service and waits until it runs. A disabled service cannot be started: its start type is
// first set to the default of Windows.
func startService(ctx context.Context) error {
	manager, err := windows.OpenSCManager(nil, nil, windows.SC_MANAGER_CONNECT)
	if err != nil {
		return err
	}
	defer windows.CloseServiceHandle(manager)
	name, err := windows.UTF16PtrFromString("SCardSvr")
	if err != nil {
		return err
	}
	service, err := windows.OpenService(manager, name, windows.SERVICE_CHANGE_CONFIG|windows.SERVICE_START|windows.SERVICE_QUERY_STATUS)
	if err != nil {
		return err
	}
	defer windows.CloseServiceHandle(service)
	err = windows.StartService(service, 0, nil)
	if errors.Is(err, windows.ERROR_SERVICE_DISABLED) {
		const same = windows.SERVICE_NO_CHANGE
		if err = windows.ChangeServiceConfig(service, same, windows.SERVICE_DEMAND_START, same, nil, nil, nil, nil, nil, nil, nil); err == nil {
			err = windows.StartService(service, 0, nil)
		}
	}
	if err != nil && !errors.Is(err, windows.ERROR_SERVICE_ALREADY_RUNNING) {
		return err
	}
	for {
		var status windows.SERVICE_STATUS
		if err := windows.QueryServiceStatus(service, &status); err != nil || status.CurrentState == windows.SERVICE_RUNNING {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pollInterval):
		}
	}
}

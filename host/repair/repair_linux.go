package repair

import (
	"context"
	"errors"
	"io/fs"
	"os/exec"
)

// pkexec asks for an administrator's password in a window (polkit).
var pkexec = "/usr/bin/pkexec"

// pkexec's own exit codes (its manual): the dialog was dismissed, or the rights were not given.
const (
	dismissed     = 126
	notAuthorized = 127
)

func do(ctx context.Context, a Action) Outcome {
	if a != StartService {
		return Unsupported
	}
	err := exec.CommandContext(ctx, pkexec, "/usr/bin/systemctl", "start", "pcscd.socket").Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return Done
	case errors.Is(err, fs.ErrNotExist):
		return Unsupported
	case errors.As(err, &exit) && (exit.ExitCode() == dismissed || exit.ExitCode() == notAuthorized):
		return Declined
	}
	return Failed
}

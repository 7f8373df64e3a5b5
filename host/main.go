// Command etax-doctor finds out why an e-Tax login fails. A browser starts it as a native-messaging host, with the
// extension's origin as its first argument; a person starts it as a command.
package main

import (
	"context"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"etax-doctor/checks"
	"etax-doctor/host/cli"
	"etax-doctor/host/hostlog"
	"etax-doctor/host/repair"
	"etax-doctor/host/session"
	"etax-doctor/install"
)

//go:generate go run ./generate
//go:generate sh -c "go run . list --markdown >CODES.md"

func main() {
	ctx := untilSignal()
	if len(os.Args) > 1 && strings.HasPrefix(os.Args[1], "chrome-extension://") {
		os.Exit(serve(ctx, os.Args[1]))
	}
	if code, asked := repair.Elevated(ctx, os.Args[1:]); asked {
		os.Exit(code)
	}
	machine := func() checks.Machine { return withRegistration(thisMachine()) }
	app := cli.New(ctx, os.Stdout, os.Stderr, machine)
	if len(os.Args) == 1 && cli.OwnConsole() {
		os.Exit(app.Menu(ctx, os.Stdin))
	}
	os.Exit(app.Run(ctx, os.Args[1:]))
}

// untilSignal returns a context that ends when a signal asks this process to end. If the process ended at once, it would
// not release the card, and PC/SC would reset the card while other programs use it. For the same reason, SIGPIPE must not
// end this process when the reader of its output is gone. Windows' CTRL_CLOSE, CTRL_LOGOFF and CTRL_SHUTDOWN arrive as
// SIGTERM, and Windows waits some seconds for this process to end.
func untilSignal() context.Context {
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) // caught, not ignored: child processes inherit ignored signals
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGQUIT}
	if !signal.Ignored(syscall.SIGHUP) { // nohup ignores it
		signals = append(signals, syscall.SIGHUP)
	}
	ctx, _ := signal.NotifyContext(context.Background(), signals...) // never stopped, so that a second signal changes nothing
	return ctx
}

func serve(ctx context.Context, origin string) int {
	s := &session.Session{In: os.Stdin, Out: os.Stdout, Log: hostlog.Open(hostlog.Path()), Machine: thisMachine(), Repair: repair.Do}
	go install.Sweep()
	if !session.AllowedOrigin(origin) {
		_ = s.Refuse()
		return 1
	}
	if err := s.Serve(ctx); err != nil {
		return 1
	}
	return 0
}

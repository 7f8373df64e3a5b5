// Command etax-doctor finds out why an e-Tax login fails. A browser starts it as a native-messaging host, with the
// extension's origin as its first argument; a person starts it as a command.
package main

import (
	"context"
	"os"
	"os/signal"
	"strings"

	"etax-doctor/host/cli"
	"etax-doctor/host/hostlog"
	"etax-doctor/host/local"
	"etax-doctor/host/repair"
	"etax-doctor/host/session"
)

func main() {
	if len(os.Args) > 1 && strings.HasPrefix(os.Args[1], "chrome-extension://") {
		os.Exit(serve(os.Args[1]))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(cli.New(os.Stdout, os.Stderr).Run(ctx, os.Args[1:]))
}

func serve(origin string) int {
	log, closer := hostlog.Open(hostlog.Path())
	defer closer.Close()
	s := &session.Session{In: os.Stdin, Out: os.Stdout, Log: log, Machine: local.Machine(), Repair: repair.Do}
	if !session.AllowedOrigin(origin) {
		_ = s.Refuse()
		return 1
	}
	if err := s.Serve(context.Background()); err != nil {
		return 1
	}
	return 0
}

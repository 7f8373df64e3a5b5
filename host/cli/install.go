package cli

import (
	"flag"
	"fmt"
	"os"

	"etax-doctor/install"
)

func (a *App) install(args []string) (int, error) {
	return a.installer("install", args, install.PlanInstall)
}

func (a *App) uninstall(args []string) (int, error) {
	return a.installer("uninstall", args, install.PlanUninstall)
}

func (a *App) installer(verb string, args []string, plan func(install.Options) (*install.Plan, error)) (int, error) {
	var o install.Options
	var dryRun bool
	flags := flag.NewFlagSet("etax-doctor "+verb, flag.ContinueOnError)
	flags.StringVar(&o.UserDataDir, "user-data-dir", "", "only the browser profile in this `folder`")
	flags.BoolVar(&dryRun, "dry-run", false, "only say what would be done")
	if err := a.parse(flags, args); err != nil {
		return 0, err
	}
	program, err := os.Executable()
	if err != nil {
		return 0, fmt.Errorf("this program's own place is unknown: %w", err)
	}
	o.Program = program
	p, err := plan(o)
	if err != nil {
		return 0, err
	}
	p.Describe(a.Stdout)
	if dryRun {
		return exitOK, nil
	}
	return exitOK, p.Apply(a.Stdout)
}

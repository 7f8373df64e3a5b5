package cli

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"etax-doctor/install"
)

func (a *App) installCommand() *cobra.Command {
	return a.installer("install", install.PlanInstall)
}

func (a *App) uninstallCommand() *cobra.Command {
	return a.installer("uninstall", install.PlanUninstall)
}

func (a *App) installer(verb string, plan func(install.Options) (*install.Plan, error)) *cobra.Command {
	var o install.Options
	var dryRun bool
	cmd := a.command(verb, "etax-doctor "+verb+"\netax-doctor "+verb+" --dry-run", func(*cobra.Command) error {
		program, err := os.Executable()
		if err != nil {
			return fmt.Errorf("this program's own place is unknown: %w", err)
		}
		o.Program = program
		p, err := plan(o)
		if err != nil {
			return err
		}
		p.Describe(a.Stdout)
		if dryRun {
			return nil
		}
		return p.Apply(a.Stdout)
	})
	cmd.Flags().StringVar(&o.UserDataDir, "user-data-dir", "", "cli_flag_user_data_dir")
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "cli_flag_dry_run")
	return cmd
}

package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"etax-doctor/checks/finding"
	"etax-doctor/host/hostlog"
	"etax-doctor/host/version"
	"etax-doctor/install"
	"etax-doctor/install/guide"
)

func (a *App) installCommand() *cobra.Command {
	return a.installer("install", install.PlanInstall)
}

func (a *App) uninstallCommand() *cobra.Command {
	return a.installer("uninstall", install.PlanUninstall)
}

func (a *App) installer(verb string, plan func(*install.Target, install.Options) (*install.Plan, error)) *cobra.Command {
	o := install.Options{}
	var scope string
	var dryRun, thenCheck, show, wait bool
	cmd := a.command(verb, "etax-doctor "+verb+"\netax-doctor "+verb+" --dry-run\netax-doctor "+verb+" --scope system", func(cmd *cobra.Command) error {
		if _, err := a.language(); err != nil {
			return err
		}
		if o.Scope = install.Scope(scope); o.Scope != install.User && o.Scope != install.System {
			return misused("scope", finding.Args{"given": scope})
		}
		check := func() {}
		if thenCheck {
			check = func() {
				fmt.Fprintln(a.Stdout)
				a.firstCheck(cmd.Context())
			}
		}
		o.Guide = func(extension string) ([]byte, error) { return a.guidePage(extension, true) }
		err := a.runPlan(plan, o, verb, dryRun, check)
		if show && err == nil && !dryRun {
			_, _ = a.openGuide() // its path is in the advice
		}
		if wait {
			defer a.waitForEnter(cmd.Context(), os.Stdin)
		}
		if p := (install.Problem{}); errors.As(err, &p) {
			fmt.Fprintln(a.Stderr, a.texts().Text(p.Key, p.Args))
			a.code = exitCouldNot
			return nil
		}
		return err
	})
	flags := cmd.Flags()
	flags.StringVar(&scope, "scope", string(install.User), "cli_flag_scope")
	flags.StringVar(&o.UserDataDir, "user-data-dir", "", "cli_flag_user_data_dir")
	flags.BoolVar(&dryRun, "dry-run", false, "cli_flag_dry_run")
	if verb == "install" {
		flags.BoolVar(&o.Force, "force", false, "cli_flag_force")
		flags.BoolVar(&thenCheck, "check", false, "cli_flag_check")
		flags.BoolVar(&show, "guide", false, "cli_flag_guide")
	}
	if verb == "uninstall" {
		flags.BoolVar(&wait, "wait", false, "cli_flag_wait")
	}
	choices(cmd, "scope", []string{string(install.User), string(install.System)})
	a.languageFlag(cmd)
	return cmd
}

func (a *App) runPlan(plan func(*install.Target, install.Options) (*install.Plan, error), o install.Options, verb string, dryRun bool, check func()) error {
	target, err := install.This(version.Version, hostlog.Path())
	if err != nil {
		return err
	}
	if o.Program, err = os.Executable(); err != nil {
		return fmt.Errorf("this program's own place is unknown: %w", err)
	}
	p, err := plan(target, o)
	if err != nil {
		return err
	}
	catalog := a.texts()
	text := func(key string, args map[string]string) string { return catalog.Text(key, args) }
	if dryRun {
		fmt.Fprintln(a.Stdout, catalog.Raw("install_would"))
		p.Describe(a.Stdout, text)
		return nil
	}
	fmt.Fprintln(a.Stdout, catalog.Raw(verb+"_doing"))
	p.Describe(a.Stdout, text)
	if err := p.Apply(); err != nil {
		return err
	}
	fmt.Fprintln(a.Stdout, "\n"+catalog.Raw(verb+"_done"))
	check()
	if verb == "install" {
		fmt.Fprintln(a.Stdout)
		p.Advice(a.Stdout, text)
	}
	return nil
}

// guideCommand opens the page with the first steps that an installation has put beside the program.
func (a *App) guideCommand() *cobra.Command {
	var toOutput bool
	var extension string
	var installed bool
	cmd := a.command("guide", "etax-doctor guide", func(*cobra.Command) error {
		if _, err := a.language(); err != nil {
			return err
		}
		if toOutput { // for the packages
			page, err := a.guidePage(extension, installed)
			fmt.Fprintf(a.Stdout, "%s", page)
			return err
		}
		page, err := a.openGuide()
		if err != nil {
			key := "cli_error_guide_open"
			if page == "" {
				key = "cli_error_guide"
			}
			fmt.Fprintln(a.Stderr, a.texts().Text(key, finding.Args{"page": page}))
			a.code = exitCouldNot
		}
		return nil
	})
	cmd.Flags().BoolVar(&toOutput, "print", false, "cli_flag_print")
	cmd.Flags().StringVar(&extension, "extension", "", "cli_flag_extension")
	cmd.Flags().BoolVar(&installed, "installed", false, "cli_flag_installed")
	a.languageFlag(cmd)
	return cmd
}

// openGuide returns the page's path too; "" if there is none.
func (a *App) openGuide() (page string, err error) {
	target, err := install.This(version.Version, hostlog.Path())
	if err != nil {
		return "", err
	}
	if page = target.Guide(); page == "" {
		return "", fs.ErrNotExist
	}
	return page, guide.Open(page)
}

func (a *App) guidePage(extension string, installed bool) ([]byte, error) {
	catalog := a.texts()
	return guide.Page(catalog.Language, catalog.Raw, extension, installed)
}

// firstCheck runs the first check after an installation, with the language of this command. Its result is no error of the
// installation.
func (a *App) firstCheck(ctx context.Context) {
	args := []string{"check"}
	if a.requestedLanguage != "" {
		args = append(args, "--lang", a.requestedLanguage)
	}
	first := *a
	first.Run(ctx, args)
}

// Package cli is the program as a command: the same checks with no browser.
package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"

	"etax-doctor/checks"
	"etax-doctor/host/local"
	"etax-doctor/host/texts"
	"etax-doctor/host/version"
)

// Exit codes. They are a contract with scripts.
const (
	exitOK       = 0 // no failure found
	exitFailure  = 1 // at least one failure found
	exitUsage    = 2 // the command was not understood, or its input is not ours
	exitCouldNot = 3 // the check could not run
)

// App is one run of the command. Its fields are replaced in tests.
type App struct {
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	Now            func() time.Time
	Terminal       bool // stdout is a terminal
	Width          int  // of the terminal, in columns
	Machine        func() checks.Machine
}

// New is the App of this process.
func New(stdout, stderr *os.File) *App {
	a := &App{Stdout: stdout, Stderr: stderr, Getenv: os.Getenv, Now: time.Now,
		Machine: local.Machine}
	if a.Terminal = term.IsTerminal(int(stdout.Fd())); a.Terminal {
		a.Width, _, _ = term.GetSize(int(stdout.Fd()))
	}
	return a
}

const usage = `etax-doctor finds out why an e-Tax login with a My Number card fails.

Usage:
  etax-doctor check      check this computer's reader, card, certificate and PINs
  etax-doctor watch      tell what becomes of readers and cards, until Ctrl+C
  etax-doctor install    register this program for the browsers found
  etax-doctor uninstall  remove what install wrote
  etax-doctor version    print the version

"etax-doctor check --help" lists the options of a command.
Exit codes: 0 no failure, 1 at least one failure, 2 usage, 3 could not run.
`

// usageError is answered with exit code 2.
type usageError struct{ text string }

func (e usageError) Error() string { return e.text }

func misused(format string, args ...any) error { return usageError{fmt.Sprintf(format, args...)} }

// Run runs the command and returns its exit code.
func (a *App) Run(ctx context.Context, args []string) int {
	code, err := a.dispatch(ctx, args)
	var misuse usageError
	switch {
	case err == nil:
		return code
	case errors.Is(err, flag.ErrHelp):
		return exitOK
	case errors.As(err, &misuse):
		fmt.Fprintln(a.Stderr, misuse.text)
		return exitUsage
	default:
		fmt.Fprintln(a.Stderr, "etax-doctor:", err)
		return exitCouldNot
	}
}

func (a *App) dispatch(ctx context.Context, args []string) (int, error) {
	if len(args) == 0 {
		return 0, misused("%s", usage)
	}
	switch args[0] {
	case "check":
		return a.check(ctx, args[1:])
	case "watch":
		return a.watch(ctx, args[1:])
	case "install":
		return a.install(args[1:])
	case "uninstall":
		return a.uninstall(args[1:])
	case "version", "--version":
		fmt.Fprintf(a.Stdout, "etax-doctor %s (protocol %d)\n", version.Version, version.Protocol)
		return exitOK, nil
	case "help", "--help", "-h":
		fmt.Fprint(a.Stdout, usage)
		return exitOK, nil
	}
	return 0, misused("unknown command %q\n\n%s", args[0], usage)
}

// parse parses a command's flags. A mistake is a usage error that lists the valid flags.
func (a *App) parse(flags *flag.FlagSet, args []string) error {
	var help strings.Builder
	flags.SetOutput(&help)
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(a.Stdout, help.String())
		return err
	case err != nil:
		return misused("%s", strings.TrimSpace(help.String()))
	case flags.NArg() > 0:
		flags.Usage()
		return misused("unexpected argument %q\n%s", flags.Arg(0), strings.TrimSpace(help.String()))
	}
	return nil
}

// language is the one asked for, else Japanese where the locale is Japanese, else English.
func (a *App) language(asked string) (string, error) {
	if asked == "" {
		asked = "en"
		for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
			if v := a.Getenv(name); v != "" {
				if strings.HasPrefix(strings.ToLower(v), "ja") {
					asked = "ja"
				}
				break
			}
		}
		if systemIsJapanese() {
			asked = "ja"
		}
	}
	if !slices.Contains(texts.Languages, asked) {
		return "", misused("unknown language %q; known: %s", asked, strings.Join(texts.Languages, ", "))
	}
	return asked, nil
}

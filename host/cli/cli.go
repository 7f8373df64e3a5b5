// Package cli is the command line of the program: the same checks without a browser.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"

	"etax-doctor/checks"
	"etax-doctor/checks/finding"
	"etax-doctor/host/texts"
)

// Exit codes. They are a contract with scripts.
const (
	exitOK       = 0 // no failure found
	exitFailure  = 1 // at least one failure found
	exitUsage    = 2 // the command was not understood, or its input file is not one of ours
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

	requestedLanguage string // the language that was asked for
	code              int    // the exit code, where there is no error
}

// untilWriter is a writer that writes nothing after its context has ended: the terminal may be closed by then.
type untilWriter struct {
	ctx context.Context
	io.Writer
}

func (w untilWriter) Write(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.Writer.Write(p)
}

// New is the App of this process. It writes nothing after the end of ctx.
func New(ctx context.Context, stdout, stderr *os.File, machine func() checks.Machine) *App {
	a := &App{Stdout: untilWriter{ctx, stdout}, Stderr: untilWriter{ctx, stderr}, Getenv: os.Getenv, Now: time.Now, Machine: machine}
	if a.Terminal = term.IsTerminal(int(stdout.Fd())) && understandsEscapes(stdout); a.Terminal {
		a.Width, _, _ = term.GetSize(int(stdout.Fd()))
	}
	return a
}

// misuse is an error in how the command was called, as a text of the catalogue. The exit code is then 2.
type misuse struct {
	key  string
	args finding.Args
	help string // options or commands, to be printed below
}

func (m misuse) Error() string { return m.key }

func misused(key string, args finding.Args) error { return misuse{key: "cli_error_" + key, args: args} }

// Run runs the command and returns its exit code.
func (a *App) Run(ctx context.Context, args []string) int {
	a.code = exitOK
	root := a.commands()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var m misuse
	switch {
	case err == nil:
		return a.code
	case errors.As(err, &m):
		fmt.Fprintln(a.Stderr, strings.TrimRight(a.texts().Text(m.key, m.args)+"\n\n"+m.help, "\n"))
		return exitUsage
	default:
		fmt.Fprintln(a.Stderr, "etax-doctor:", err)
		return exitCouldNot
	}
}

// language returns the requested language, else Japanese if the locale is Japanese, else English.
func (a *App) language() (string, error) {
	if a.requestedLanguage != "" && !slices.Contains(texts.Languages, a.requestedLanguage) {
		return "", misused("language", finding.Args{"given": a.requestedLanguage, "known": strings.Join(texts.Languages, ", ")})
	}
	if a.requestedLanguage != "" {
		return a.requestedLanguage, nil
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := a.Getenv(name); v != "" {
			if strings.HasPrefix(strings.ToLower(v), "ja") {
				return "ja", nil
			}
			break
		}
	}
	if systemIsJapanese() {
		return "ja", nil
	}
	return "en", nil
}

// catalog returns the texts in the person's language. A requested language that does not exist is an error.
func (a *App) catalog() (*texts.Catalog, error) {
	language, err := a.language()
	if err != nil {
		return nil, err
	}
	return texts.Load(language)
}

// texts returns the texts in the person's language, or in English if the requested language does not exist.
func (a *App) texts() *texts.Catalog {
	catalog, err := a.catalog()
	if err != nil {
		catalog, err = texts.Load("en")
	}
	if err != nil {
		panic(fmt.Sprintf("the embedded texts are broken: %v", err))
	}
	return catalog
}

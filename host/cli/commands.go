package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"etax-doctor/checks/finding"
	"etax-doctor/host/texts"
	"etax-doctor/host/version"
)

// commands returns the tree of commands. Help texts are keys of the catalogue until they are printed: the language is an
// option, which is read after the tree is made.
func (a *App) commands() *cobra.Command {
	cobra.MousetrapHelpText = "" // on a double click, the list of commands names install.cmd instead
	root := &cobra.Command{
		Use: "etax-doctor", Short: "cli_about", SilenceUsage: true, SilenceErrors: true,
		Example: "etax-doctor check\netax-doctor check --symptom EW044-C300\netax-doctor report --output report.txt",
		Version: version.Version,
		Args: func(cmd *cobra.Command, args []string) error {
			m := misuse{key: "cli_error_no_command", help: a.listing(cmd)}
			if len(args) > 0 {
				m.key, m.args = "cli_error_unknown_command", finding.Args{"given": args[0]}
			}
			return m
		},
		RunE: func(*cobra.Command, []string) error { return nil },
	}
	root.SetOut(a.Stdout)
	root.SetErr(a.Stderr)
	root.SetVersionTemplate(versionLine())
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return misuse{"cli_error_option", finding.Args{"error": err.Error()}, a.options(cmd)}
	})
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) { fmt.Fprint(a.Stdout, a.help(cmd)) })
	root.AddCommand(a.checkCommand(), a.watchCommand(), a.reportCommand(), a.listCommand(), a.installCommand(), a.guideCommand(), a.uninstallCommand(),
		a.command("version", "", func(*cobra.Command) error {
			_, err := fmt.Fprint(a.Stdout, versionLine())
			return err
		}))
	root.InitDefaultCompletionCmd("completion")
	for _, c := range root.Commands() {
		if c.Name() == "completion" {
			c.Short = "cli_completion"
			c.Args, c.RunE = a.oneOf("cli_error_shell", c), func(*cobra.Command, []string) error { return nil }
		}
	}
	help := &cobra.Command{Use: "help [command]", Short: "cli_help"}
	help.Args = func(_ *cobra.Command, args []string) error {
		if c, rest, err := root.Find(args); err == nil && len(rest) == 0 {
			fmt.Fprint(a.Stdout, a.help(c))
			return nil
		}
		return misuse{"cli_error_topic", finding.Args{"given": strings.Join(args, " ")}, a.listing(root)}
	}
	help.RunE = func(*cobra.Command, []string) error { return nil }
	root.SetHelpCommand(help)
	return root
}

// oneOf refuses arguments that are no subcommand of parent, and also a call without arguments.
func (a *App) oneOf(key string, parent *cobra.Command) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		return misuse{key, finding.Args{"given": strings.Join(args, " ")}, a.listing(parent)}
	}
}

func versionLine() string {
	return fmt.Sprintf("etax-doctor %s (protocol %d)\n", version.Version, version.Protocol)
}

// command is a command without arguments. run is called with its flags parsed.
func (a *App) command(name, example string, run func(*cobra.Command) error) *cobra.Command {
	return &cobra.Command{
		Use: name, Short: "cli_" + name, Example: example,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return misuse{"cli_error_argument", finding.Args{"given": args[0]}, a.options(cmd)}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return run(cmd) },
	}
}

// choices adds shell completion for a flag that takes one of a few words.
func choices(cmd *cobra.Command, flag string, words []string) {
	if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err)
	}
}

// languageFlag adds --lang.
func (a *App) languageFlag(cmd *cobra.Command) {
	cmd.Flags().StringVar(&a.requestedLanguage, "lang", "", "cli_flag_lang")
	choices(cmd, "lang", texts.Languages)
}

func (a *App) help(cmd *cobra.Command) string {
	catalog := a.texts()
	var b strings.Builder
	section := func(key, body string) {
		if body != "" {
			fmt.Fprintf(&b, "\n%s\n%s\n", catalog.Text(key, nil), strings.TrimRight(body, "\n"))
		}
	}
	fmt.Fprintln(&b, translated(catalog, cmd.Short))
	line := "  " + cmd.UseLine()
	if cmd.HasAvailableSubCommands() {
		line = "  " + cmd.CommandPath() + " [command] [flags]"
	}
	section("cli_usage", line)
	section("cli_commands", a.listing(cmd))
	section("cli_examples", indent(cmd.Example))
	section("cli_options", a.options(cmd))
	codes := "cli_exit_codes_other"
	if cmd.Name() == "check" || !cmd.HasParent() {
		codes = "cli_exit_codes_list"
	}
	section("cli_exit_codes", indent(catalog.Raw(codes)))
	return b.String()
}

// listing is a line for each command.
func (a *App) listing(cmd *cobra.Command) string {
	catalog := a.texts()
	var b strings.Builder
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() || c.Name() == "help" {
			fmt.Fprintf(&b, "  %-12s %s\n", c.Name(), translated(catalog, c.Short))
		}
	}
	return b.String()
}

// options is a line for each flag.
func (a *App) options(cmd *cobra.Command) string {
	catalog := a.texts()
	cmd.InitDefaultHelpFlag()
	cmd.InitDefaultVersionFlag()
	var names, meanings []string
	column := 0
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
		shown := *f
		switch f.Name { // cobra adds these, with texts of its own
		case "help":
			shown.Usage = "cli_flag_help"
		case "version":
			shown.Usage = "cli_version"
		}
		shown.Usage = translated(catalog, shown.Usage)
		value, meaning := pflag.UnquoteUsage(&shown)
		name := strings.TrimRight("--"+f.Name+" "+value, " ")
		names, meanings = append(names, name), append(meanings, meaning)
		column = max(column, displayWidth(name))
	})
	var b strings.Builder
	for i, name := range names {
		fmt.Fprintf(&b, "  %s%s  %s\n", name, strings.Repeat(" ", column-displayWidth(name)), meanings[i])
	}
	return b.String()
}

func translated(catalog *texts.Catalog, text string) string {
	if catalog.Has(text) {
		return catalog.Text(text, flagTextArgs())
	}
	return text
}

func indent(text string) string {
	if text == "" {
		return ""
	}
	return "  " + strings.ReplaceAll(text, "\n", "\n  ")
}

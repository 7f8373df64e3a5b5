package cli

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"etax-doctor/checks"
	"etax-doctor/checks/finding"
	"etax-doctor/checks/simulate"
	"etax-doctor/checks/smartcard/pcsc"
	"etax-doctor/checks/symptom"
	"etax-doctor/host/report"
	"etax-doctor/host/texts"
	"etax-doctor/manifests"
)

// diagnosis holds the options that the commands check and report have in common.
type diagnosis struct {
	simulate string
	replay   string
	only     string
	browser  string
	symptom  string
	deep     bool

	recorder *pcsc.Recorder // of a field record
}

// flagTextArgs returns the lists of words that are inserted into the texts of the flags.
func flagTextArgs() finding.Args {
	return finding.Args{"simulations": strings.Join(simulate.Names(), ", "), "layers": join(checks.Layers()), "browsers": strings.Join(browserIDs(), ", ")}
}

func (o *diagnosis) flags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&o.symptom, "symptom", "", "cli_flag_symptom")
	flags.StringVar(&o.browser, "browser", "", "cli_flag_browser")
	flags.StringVar(&o.only, "only", "", "cli_flag_only")
	flags.BoolVar(&o.deep, "deep", false, "cli_flag_deep")
	flags.StringVar(&o.replay, "replay", "", "cli_flag_replay")
	flags.StringVar(&o.simulate, "simulate", "", "cli_flag_simulate")
	choices(cmd, "browser", browserIDs())
	choices(cmd, "only", strings.Split(join(checks.Layers()), ", "))
	choices(cmd, "simulate", simulate.Names())
}

func (a *App) checkCommand() *cobra.Command {
	var o diagnosis
	var logging logFlags
	var asJSON, verbose bool
	cmd := a.command("check", "etax-doctor check\netax-doctor check --symptom EW044-C300\netax-doctor check --json --lang en\netax-doctor check --simulate expired\netax-doctor check --replay report.json\netax-doctor check --replay reports/",
		func(cmd *cobra.Command) error {
			return a.check(cmd.Context(), o, logging, asJSON, verbose)
		})
	o.flags(cmd)
	logging.flags(cmd)
	a.languageFlag(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "cli_flag_json")
	cmd.Flags().BoolVar(&verbose, "verbose", false, "cli_flag_verbose")
	return cmd
}

func (a *App) check(ctx context.Context, o diagnosis, logging logFlags, asJSON, verbose bool) error {
	if o.simulate == "" && isFolder(o.replay) {
		if logging != (logFlags{}) {
			return misused("log_of_folder", nil)
		}
		return a.checkFolder(ctx, o, asJSON, verbose)
	}
	result, catalog, err := a.diagnose(ctx, o, a.Terminal && !asJSON)
	if err != nil {
		return err
	}
	if err := a.log(logging, result); err != nil {
		return err
	}
	a.code = exitCode(result)
	if asJSON {
		return writeJSON(a.Stdout, report.New(result, catalog, a.Now()))
	}
	if !a.Terminal { // output that does not go to a terminal may be saved
		result.Findings, result.Verdict = finding.ForRecords(result.Findings), finding.ForRecord(result.Verdict)
	}
	return a.print(result, catalog, o.replay != "", verbose)
}

// diagnose checks this computer, a simulated one, or a saved record.
func (a *App) diagnose(ctx context.Context, o diagnosis, showProgress bool) (*checks.Result, *texts.Catalog, error) {
	catalog, err := a.catalog()
	if err != nil {
		return nil, nil, err
	}
	result, err := a.judge(ctx, o, showProgress)
	return result, catalog, err
}

// validate looks for mistakes in the options.
func (o *diagnosis) validate() error {
	if _, err := layers(o.only); err != nil {
		return err
	}
	if o.browser != "" && !slices.Contains(browserIDs(), o.browser) {
		return misused("browser", finding.Args{"given": o.browser, "known": strings.Join(browserIDs(), ", ")})
	}
	return nil
}

func (a *App) judge(ctx context.Context, o diagnosis, showProgress bool) (*checks.Result, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	only, _ := layers(o.only)
	symptoms := symptom.Find(o.symptom)
	if o.replay != "" {
		if o.simulate != "" {
			return nil, misused("simulate_and_replay", nil)
		}
		saved, err := readSaved(o.replay)
		if err != nil {
			return nil, err
		}
		if o.browser != "" {
			saved.facts.Browser = o.browser
		}
		if symptoms != nil {
			saved.facts.Symptoms = symptoms
		}
		return checks.Judge(saved.facts, only, saved.browserFindings...), nil
	}
	var machine checks.Machine
	if o.simulate == "" {
		machine = a.Machine()
		if o.recorder != nil {
			o.recorder.System, machine.PCSC = machine.PCSC, o.recorder
		}
	} else if m, _, ok := simulate.New(o.simulate, a.Now()); ok {
		machine = m
	} else {
		return nil, misused("simulation", finding.Args{"given": o.simulate, "known": strings.Join(simulate.Names(), ", ")})
	}
	p := a.progress(showProgress)
	result := checks.Run(ctx, machine, checks.Options{Only: only, Browser: o.browser, Symptoms: symptoms, Deep: o.deep, OnProgress: p.on})
	p.end()
	if ctx.Err() != nil {
		return nil, errors.New("the check was interrupted")
	}
	return result, nil
}

func browserIDs() (ids []string) {
	for _, b := range manifests.Browsers() {
		ids = append(ids, b.ID)
	}
	return ids
}

func layers(list string) ([]finding.Layer, error) {
	if list == "" {
		return nil, nil
	}
	var only []finding.Layer
	for name := range strings.SplitSeq(list, ",") {
		layer := finding.Layer(strings.TrimSpace(name))
		if !slices.Contains(checks.Layers(), layer) {
			return nil, misused("layer", finding.Args{"given": string(layer), "known": join(checks.Layers())})
		}
		only = append(only, layer)
	}
	return only, nil
}

func join(layers []finding.Layer) string {
	names := make([]string, len(layers))
	for i, l := range layers {
		names[i] = string(l)
	}
	return strings.Join(names, ", ")
}

func exitCode(r *checks.Result) int {
	if slices.ContainsFunc(r.Findings, func(f finding.Finding) bool { return f.Status == finding.Failure }) {
		return exitFailure
	}
	return exitOK
}

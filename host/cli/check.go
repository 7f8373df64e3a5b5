package cli

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"slices"
	"strings"
	"sync"

	"etax-doctor/checks"
	"etax-doctor/checks/finding"
	"etax-doctor/checks/simulate"
	"etax-doctor/host/report"
	"etax-doctor/host/texts"
	"etax-doctor/manifests"
)

type checkFlags struct {
	json     bool
	language string
	simulate string
	replay   string
	only     string
	browser  string
	deep     bool
}

func (a *App) check(ctx context.Context, args []string) (int, error) {
	var o checkFlags
	flags := flag.NewFlagSet("etax-doctor check", flag.ContinueOnError)
	flags.BoolVar(&o.json, "json", false, "print the report as JSON")
	flags.StringVar(&o.language, "lang", "", "language of the texts: ja or en")
	flags.StringVar(&o.simulate, "simulate", "", "check a simulated machine: "+strings.Join(simulate.Names(), ", "))
	flags.StringVar(&o.replay, "replay", "", "judge a saved `file` of facts, or a saved report, again")
	flags.StringVar(&o.only, "only", "", "check only these layers, separated by commas: "+join(checks.Layers()))
	flags.StringVar(&o.browser, "browser", "", "judge apps and policies for this browser alone: "+strings.Join(browserIDs(), ", "))
	flags.BoolVar(&o.deep, "deep", false, "also check the login certificate against the CA certificate on the card")
	if err := a.parse(flags, args); err != nil {
		return 0, err
	}
	language, err := a.language(o.language)
	if err != nil {
		return 0, err
	}
	// The texts are read while the card is: both take a few milliseconds, in which people and scripts wait.
	load := sync.OnceValues(func() (*texts.Catalog, error) { return texts.Load(language) })
	go load()
	result, err := a.diagnose(ctx, o)
	if err != nil {
		return 0, err
	}
	catalog, err := load()
	if err != nil {
		return 0, err
	}
	if o.json {
		encoder := json.NewEncoder(a.Stdout)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(report.New(result, catalog, a.Now())); err != nil {
			return 0, err
		}
	} else if err := a.print(result, catalog, o); err != nil {
		return 0, err
	}
	return exitCode(result), nil
}

func (a *App) diagnose(ctx context.Context, o checkFlags) (*checks.Report, error) {
	only, err := layers(o.only)
	if err != nil {
		return nil, err
	}
	if o.browser != "" && !slices.Contains(browserIDs(), o.browser) {
		return nil, misused("unknown browser %q; known: %s", o.browser, strings.Join(browserIDs(), ", "))
	}
	if o.replay != "" {
		if o.simulate != "" {
			return nil, misused("--simulate and --replay cannot be used together")
		}
		saved, err := readFacts(o.replay)
		if err != nil {
			return nil, err
		}
		if o.browser != "" {
			saved.Browser = o.browser
		}
		return checks.Judge(saved, only), nil
	}
	var machine checks.Machine
	if o.simulate == "" {
		machine = a.Machine()
	} else if m, _, ok := simulate.Machine(o.simulate, a.Now()); ok {
		machine = m
	} else {
		return nil, misused("unknown simulation %q; known: %s", o.simulate, strings.Join(simulate.Names(), ", "))
	}
	result := checks.Run(ctx, machine, checks.Options{Only: only, Browser: o.browser, Deep: o.deep})
	if ctx.Err() != nil {
		return nil, fmt.Errorf("the check was interrupted")
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
			return nil, misused("unknown layer %q; known: %s", layer, join(checks.Layers()))
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

func exitCode(r *checks.Report) int {
	if slices.ContainsFunc(r.Findings, func(f finding.Finding) bool { return f.Status == finding.Failure }) {
		return exitFailure
	}
	return exitOK
}

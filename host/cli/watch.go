package cli

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"strings"
	"time"

	"etax-doctor/checks/finding"
	"etax-doctor/checks/watch"
	"etax-doctor/host/texts"
)

// watch prints reader and card events until it is interrupted.
func (a *App) watch(ctx context.Context, args []string) (int, error) {
	var asJSON bool
	var language string
	flags := flag.NewFlagSet("etax-doctor watch", flag.ContinueOnError)
	flags.BoolVar(&asJSON, "json", false, "print each event as one line of JSON")
	flags.StringVar(&language, "lang", "", "language of the texts: ja or en")
	if err := a.parse(flags, args); err != nil {
		return 0, err
	}
	language, err := a.language(language)
	if err != nil {
		return 0, err
	}
	catalog, err := texts.Load(language)
	if err != nil {
		return 0, err
	}
	encoder := json.NewEncoder(a.Stdout)
	watch.Run(ctx, a.Machine().PCSC, func(e watch.Event) {
		if asJSON {
			_ = encoder.Encode(e)
			return
		}
		key := "event_" + strings.ReplaceAll(string(e.Kind), "-", "_")
		fmt.Fprintln(a.Stdout, a.Now().Format(time.TimeOnly), catalog.Text(key, finding.Args{"reader": e.Reader}))
	})
	return exitOK, nil
}

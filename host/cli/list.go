package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"etax-doctor/checks/finding"
	"etax-doctor/host/texts"
)

// listCommand prints all codes and what they mean.
func (a *App) listCommand() *cobra.Command {
	var asJSON, markdown bool
	cmd := a.command("list", "etax-doctor list\netax-doctor list --json --lang en", func(*cobra.Command) error {
		catalog, err := a.catalog()
		if err != nil {
			return err
		}
		switch {
		case markdown:
			_, err = fmt.Fprint(a.Stdout, texts.Handbook())
			return err
		case asJSON:
			return writeJSON(a.Stdout, codes(catalog))
		}
		width := 0
		for _, e := range finding.Codes() {
			width = max(width, len(e.Code))
		}
		for _, e := range finding.Codes() {
			fmt.Fprintf(a.Stdout, "%-*s  %s\n", width, e.Code, catalog.General(e.Code, "title"))
		}
		return nil
	})
	cmd.Flags().BoolVar(&asJSON, "json", false, "cli_flag_json")
	cmd.Flags().BoolVar(&markdown, "markdown", false, "cli_flag_markdown")
	a.languageFlag(cmd)
	return cmd
}

// listEntry is the entry of a code in `list --json`.
type listEntry struct {
	Code        finding.Code   `json:"code"`
	Layer       finding.Layer  `json:"layer"`
	Class       string         `json:"class"`
	Difficulty  string         `json:"difficulty"`
	Title       string         `json:"title"`
	Detail      string         `json:"detail"`
	Steps       []string       `json:"steps"`
	Takes       string         `json:"takes"`
	ExplainedBy []finding.Code `json:"explainedBy,omitempty"`
}

func codes(catalog *texts.Catalog) (all []listEntry) {
	for _, e := range finding.Codes() {
		f := finding.Finding{Code: e.Code, Layer: e.Layer}
		all = append(all, listEntry{e.Code, e.Layer, e.Class, e.Difficulty, catalog.General(e.Code, "title"), catalog.General(e.Code, "detail"),
			strings.FieldsFunc(catalog.General(e.Code, "steps"), func(r rune) bool { return r == '\n' }), catalog.Takes(f), finding.ExplainedBy(e.Code)})
	}
	return all
}

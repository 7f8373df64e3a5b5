package cli

import (
	"bytes"
	"encoding/json"
	"io"
	"os"

	"github.com/spf13/cobra"

	"etax-doctor/checks/finding"
	"etax-doctor/host/report"
	"etax-doctor/host/ways"
)

// reportCommand writes the report for a support desk. Its exit code says whether it was written, not what is in it.
func (a *App) reportCommand() *cobra.Command {
	var o diagnosis
	var asJSON bool
	var output string
	cmd := a.command("report", "etax-doctor report\netax-doctor report --output report.txt\netax-doctor report --json --output report.json", func(cmd *cobra.Command) error {
		result, catalog, err := a.diagnose(cmd.Context(), o, a.Terminal && output != "")
		if err != nil {
			return err
		}
		r := report.New(result, catalog, a.Now())
		var written bytes.Buffer
		if asJSON {
			err = writeJSON(&written, r)
		} else {
			r.OtherWays = ways.Everything(catalog, a.Now())
			_, err = io.WriteString(&written, r.Text(catalog))
		}
		if err != nil {
			return err
		}
		if output == "" {
			_, err = written.WriteTo(a.Stdout)
			return err
		}
		if os.WriteFile(output, written.Bytes(), 0o600) != nil {
			return misused("output", finding.Args{"file": output})
		}
		return nil
	})
	o.flags(cmd)
	a.languageFlag(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "cli_flag_json")
	cmd.Flags().StringVar(&output, "output", "", "cli_flag_output")
	return cmd
}

func writeJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

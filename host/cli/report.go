package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"etax-doctor/checks/finding"
	"etax-doctor/checks/platform"
	"etax-doctor/checks/smartcard/pcsc"
	"etax-doctor/host/field"
	"etax-doctor/host/report"
	"etax-doctor/host/ways"
)

// reportCommand writes the report for a support desk. Its exit code says whether it was written, not what is in it.
func (a *App) reportCommand() *cobra.Command {
	var o diagnosis
	var asJSON, asField bool
	var output string
	cmd := a.command("report", "etax-doctor report\netax-doctor report --output report.txt\netax-doctor report --json --output report.json", func(cmd *cobra.Command) error {
		if asField {
			o.recorder = &pcsc.Recorder{}
		}
		result, catalog, err := a.diagnose(cmd.Context(), o, a.Terminal && output != "")
		if err != nil {
			return err
		}
		r := report.New(result, catalog, a.Now())
		var written bytes.Buffer
		switch {
		case asField:
			f := field.New(cmd.Context(), r, o.recorder, platform.This())
			if service := a.Machine().Service; o.recorder.System != nil && service != nil && a.Terminal && len(service(cmd.Context()).Windows) > 0 {
				fmt.Fprintln(a.Stderr, a.texts().Raw("cli_field_plug"))
				f.Services = field.WatchServices(cmd.Context(), service)
			}
			err = writeJSON(&written, f)
		case asJSON:
			err = writeJSON(&written, r)
		default:
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
	cmd.Flags().BoolVar(&asField, "field", false, "cli_flag_field")
	cmd.Flags().StringVar(&output, "output", "", "cli_flag_output")
	return cmd
}

// writeJSON writes JSON in ASCII: PowerShell 5.1 on a Japanese Windows reads a program's output as code page 932, in which a
// byte of a Japanese letter can swallow the quote after it.
func writeJSON(w io.Writer, value any) error {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		return err
	}
	ascii := make([]byte, 0, b.Len())
	for _, r := range b.String() { // JSON has such letters in its strings alone
		if r < utf8.RuneSelf {
			ascii = append(ascii, byte(r))
			continue
		}
		for _, unit := range utf16.AppendRune(nil, r) {
			ascii = fmt.Appendf(ascii, `\u%04x`, unit)
		}
	}
	_, err := w.Write(ascii)
	return err
}

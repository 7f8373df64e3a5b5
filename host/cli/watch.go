package cli

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"etax-doctor/checks/smartcard/watch"
)

// watchCommand prints reader and card events until it is interrupted.
func (a *App) watchCommand() *cobra.Command {
	var asJSON bool
	cmd := a.command("watch", "etax-doctor watch\netax-doctor watch --json", func(cmd *cobra.Command) error {
		catalog, err := a.catalog()
		if err != nil {
			return err
		}
		encoder := json.NewEncoder(a.Stdout)
		watch.Run(cmd.Context(), a.Machine().PCSC, func(e watch.Event) {
			if asJSON {
				_ = encoder.Encode(e)
				return
			}
			fmt.Fprintln(a.Stdout, a.Now().Format(time.TimeOnly), catalog.Event(string(e.Kind), e.Reader))
		})
		return nil
	})
	cmd.Flags().BoolVar(&asJSON, "json", false, "cli_flag_json_lines")
	a.languageFlag(cmd)
	return cmd
}

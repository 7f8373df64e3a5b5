package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/width"
)

// Menu is for a person who has double-clicked the program: it asks what to do, does it, and asks again, so that nothing
// vanishes before it was read. It ends with the input, and returns the exit code of what was done last.
func (a *App) Menu(ctx context.Context, in io.Reader) (code int) {
	catalog := a.texts()
	lines := bufio.NewScanner(in)
	for {
		fmt.Fprintf(a.Stdout, "%s\n\n  1. %s\n  2. %s\n  3. %s\n\n%s ", catalog.Raw("menu_title"), catalog.Raw("menu_check"), catalog.Raw("menu_install"), catalog.Raw("menu_end"), catalog.Raw("menu_ask"))
		if ctx.Err() != nil || !lines.Scan() {
			return code
		}
		fmt.Fprintln(a.Stdout)
		switch strings.TrimSpace(width.Narrow.String(lines.Text())) { // a Japanese keyboard may give wide digits
		case "1":
			code = a.Run(ctx, []string{"check"})
		case "2":
			code = a.Run(ctx, []string{"install", "--check"})
		case "3":
			return code
		default:
			fmt.Fprintln(a.Stdout, catalog.Raw("menu_again"))
		}
		fmt.Fprintln(a.Stdout)
	}
}

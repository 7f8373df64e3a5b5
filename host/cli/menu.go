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
// vanishes before it was read. It ends with the input or with ctx, and returns the exit code of what was done last.
func (a *App) Menu(ctx context.Context, in io.Reader) (code int) {
	catalog := a.texts()
	lines := linesOf(in)
	for {
		fmt.Fprintf(a.Stdout, "%s\n\n  1. %s\n  2. %s\n  3. %s\n\n%s ", catalog.Raw("menu_title"), catalog.Raw("menu_check"), catalog.Raw("menu_install"), catalog.Raw("menu_end"), catalog.Raw("menu_ask"))
		line, ok := next(ctx, lines)
		if !ok {
			return code
		}
		fmt.Fprintln(a.Stdout)
		switch strings.TrimSpace(width.Narrow.String(line)) { // a Japanese keyboard may give wide digits
		case "1":
			code = a.Run(ctx, []string{"check"})
		case "2":
			code = a.Run(ctx, []string{"install", "--check", "--guide"})
		case "3":
			return code
		default:
			fmt.Fprintln(a.Stdout, catalog.Raw("menu_again"))
		}
		fmt.Fprintln(a.Stdout)
	}
}

// waitForEnter keeps a window open that would close at the program's end.
func (a *App) waitForEnter(ctx context.Context, in io.Reader) {
	fmt.Fprintln(a.Stdout, "\n"+a.texts().Raw("menu_wait"))
	next(ctx, linesOf(in))
}

// linesOf reads lines in the background: a read from a console does not end when its window is closed.
func linesOf(in io.Reader) <-chan string {
	lines := make(chan string)
	go func() {
		defer close(lines)
		for s := bufio.NewScanner(in); s.Scan(); {
			lines <- s.Text()
		}
	}()
	return lines
}

// next returns the next line; ok is false at the end of the input or of ctx.
func next(ctx context.Context, lines <-chan string) (line string, ok bool) {
	select {
	case line, ok = <-lines:
		return line, ok
	case <-ctx.Done():
		return "", false
	}
}

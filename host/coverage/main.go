// Command coverage reads a coverage profile of go test and prints how much of each package has run. It fails if a judge,
// or the code that reads the card's bytes, is below the aim: these decide what a person is told.
//
//	go test -coverpkg=./... -coverprofile=coverage.out ./... && go run ./host/coverage coverage.out
package main

import (
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"text/tabwriter"

	"golang.org/x/tools/cover"
)

// aim is the coverage that the judges and jpki have to reach, in percent of their statements.
const aim = 95.0

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: coverage PROFILE")
		os.Exit(2)
	}
	missed, err := run(os.Args[1], os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "coverage:", err)
		os.Exit(3)
	}
	if missed {
		os.Exit(1)
	}
}

type share struct{ covered, all int }

func (s share) percent() float64 { return 100 * float64(s.covered) / float64(max(s.all, 1)) }

// block is a piece of code. If there are several test programs, a profile contains each block several times.
type block struct {
	file                                     string
	startLine, startCol, endLine, endCol, of int
}

func run(profile string, out io.Writer) (missed bool, err error) {
	profiles, err := cover.ParseProfiles(profile)
	if err != nil {
		return false, err
	}
	blocks := map[block]bool{}
	for _, p := range profiles {
		for _, b := range p.Blocks {
			key := block{p.FileName, b.StartLine, b.StartCol, b.EndLine, b.EndCol, b.NumStmt}
			blocks[key] = blocks[key] || b.Count > 0
		}
	}
	packages, judges := map[string]share{}, map[string]share{}
	for b, covered := range blocks {
		count(packages, path.Dir(b.file), b.of, covered)
		if hasAim(b.file) {
			count(judges, b.file, b.of, covered)
		}
	}
	// Without this check, a judge that is in no test program would be missing from the list without an error.
	if err := requireAllJudges(judges); err != nil {
		return false, err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, name := range slices.Sorted(maps.Keys(packages)) {
		fmt.Fprintf(w, "%6.1f %%\t%5d statements\t%s\n", packages[name].percent(), packages[name].all, name)
	}
	fmt.Fprintf(w, "\njudges and jpki, at least %.0f %%:\n", aim)
	for _, name := range slices.Sorted(maps.Keys(judges)) {
		note := ""
		if judges[name].percent() < aim {
			missed, note = true, "  TOO LITTLE"
		}
		fmt.Fprintf(w, "%6.1f %%\t%5d statements\t%s%s\n", judges[name].percent(), judges[name].all, name, note)
	}
	return missed, w.Flush()
}

// requireAllJudges compares the judges of the profile with the rooms that have one.
func requireAllJudges(judges map[string]share) error {
	rooms, err := filepath.Glob("checks/*/judge.go")
	if err != nil || len(rooms) < 9 {
		return fmt.Errorf("this is to be run in the project's folder: %d rooms with a judge (%w)", len(rooms), err)
	}
	for _, file := range append(rooms, "checks/smartcard/jpki/read.go", "checks/smartcard/jpki/certificate.go", "checks/symptom/symptom.go", "checks/finding/verdict.go",
		"checks/certificate/counters.go", "checks/policy/precedence.go", "checks/conditions/conditions.go", "checks/judging.go", "checks/rooms.go") {
		if _, there := judges["etax-doctor/"+file]; !there {
			return fmt.Errorf("%s is not in the profile", file)
		}
	}
	return nil
}

func count(shares map[string]share, name string, statements int, covered bool) {
	s := shares[name]
	s.all += statements
	if covered {
		s.covered += statements
	}
	shares[name] = s
}

// hasAim reports whether a file has to reach the aim.
func hasAim(file string) bool {
	folder := path.Base(path.Dir(file))
	deciding := []string{"judge.go", "verdict.go", "counters.go", "precedence.go", "conditions.go", "judging.go", "rooms.go"}
	return slices.Contains(deciding, path.Base(file)) || folder == "jpki" || folder == "symptom"
}

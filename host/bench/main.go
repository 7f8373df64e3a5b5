// Command bench runs the benchmarks, ours, their floors and our peers' in one run, and writes BENCHMARKS.md (the machine, the
// versions, and for each figure the median and the range of its repetitions) and the figures in the readme.
//
//	go run ./host/bench BENCHMARKS.md README.md
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/perf/benchfmt"

	"etax-doctor/extension"
)

// parts are the runs of go test: benchmarks, and length of a repetition.
var parts = [][2]string{
	{"Start|RoundTrip|Machine|ManyReaders|ManySlots|Memory", "20x"},
	{"Press|ContentScript", "3x"},
	{"CardRead|Replay", "3x"},
	{"WatchIdle", "1x"},
}

const repetitions = "10"

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: bench BENCHMARKS.md README.md")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(file, readme string) error {
	before := waitForQuiet()
	measured := values{}
	for _, p := range parts {
		var out bytes.Buffer
		cmd := exec.Command("go", "test", "./host/bench", "-run", "^$", "-bench", "^Benchmark("+p[0]+")$", "-count", repetitions, "-benchtime", p[1], "-timeout", "60m")
		cmd.Stdout, cmd.Stderr = io.MultiWriter(&out, os.Stderr), os.Stderr
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("the benchmarks %s: %w", p[0], err)
		}
		if err := measured.read(&out); err != nil {
			return err
		}
	}
	noise := fmt.Sprintf("- an empty loop took up to %.0f %% longer than its median before the run, %.0f %% after it (quiet: below %.0f %%)", 100*before, 100*spread(), 100*quiet)
	var text strings.Builder
	err := write(&text, machine()+"\n"+noise, measured)
	err = errors.Join(err, writeSizes(&text))
	// The results are written even if a row lacks a reason.
	return errors.Join(err, os.WriteFile(file, []byte(text.String()), 0o644), writeFigures(readme, measured))
}

// values are the repetitions of each benchmark, by name and unit.
type values map[string][]float64

// processors matches the number of processors, which go test adds to the names.
var processors = regexp.MustCompile(`-\d+$`)

func (v values) read(r io.Reader) error {
	reader := benchfmt.NewReader(r, "go test")
	for reader.Scan() {
		result, ok := reader.Result().(*benchfmt.Result)
		if !ok {
			continue
		}
		name := processors.ReplaceAllString(string(result.Name.Full()), "")
		for _, value := range result.Values {
			unit, n := value.Unit, value.Value
			if value.OrigUnit != "" { // benchfmt has converted it to seconds or bytes
				unit, n = value.OrigUnit, value.OrigValue
			}
			v[name+" "+unit] = append(v[name+" "+unit], n)
		}
	}
	return reader.Err()
}

// figure is the median of the repetitions, with the smallest and the largest one.
type figure struct{ median, least, most float64 }

func (v values) figure(name, unit string) (figure, error) {
	all := slices.Sorted(slices.Values(v[name+" "+unit]))
	if len(all) == 0 {
		return figure{}, fmt.Errorf("%s was not measured in %s", name, unit)
	}
	middle := len(all) / 2
	return figure{(all[middle] + all[(len(all)-1)/2]) / 2, all[0], all[len(all)-1]}, nil
}

func (f figure) String(unit string) string {
	scale, symbol := 1.0, strings.TrimSuffix(unit, "/op")
	switch unit {
	case "ns/op":
		scale, symbol = 1e-6, "ms"
	case "peak-MB", "main-thread-ms", "CPU-ms/minute", "main-thread-%":
		symbol = regexp.MustCompile(`(MB|ms|%)(/minute)?$`).FindStringSubmatch(unit)[1]
	}
	digits := func(x float64) string {
		x *= scale
		return fmt.Sprintf("%.*f", max(0, 2-int(math.Floor(math.Log10(max(x, 0.01))))), x)
	}
	if digits(f.least) == digits(f.most) {
		return digits(f.median) + " " + symbol
	}
	return fmt.Sprintf("%s %s (%s–%s)", digits(f.median), symbol, digits(f.least), digits(f.most))
}

// sum is the sum of benchmarks.
func (v values) sum(names []string, unit string) (all figure, err error) {
	for _, name := range names {
		f, failed := v.figure(name, unit)
		err = errors.Join(err, failed)
		all = figure{all.median + f.median, all.least + f.least, all.most + f.most}
	}
	return all, err
}

// write writes both tables. It is an error if a goal is missed, or a peer is ahead, and the row gives no reason.
func write(out io.Writer, machine string, measured values) (err error) {
	fmt.Fprintf(out, `# Benchmarks

%s has written this, from one run. Each figure is the median of %s repetitions, with the least and the most of them; each repetition is the
mean of several runs. Times depend on the machine and its hour; ratios less so.

%s

## Against the floor

The floor is the least that any program could take, measured in the same run; the ratio is the figure. The card is the virtual one, over a real pcscd.

| what | ours | the floor | | × its floor | goal |
| --- | --- | --- | --- | --- | --- |
`, "`make bench`", repetitions, machine)
	var reasons []string
	mark := func(reason string) string {
		if !slices.Contains(reasons, reason) {
			reasons = append(reasons, reason)
		}
		return fmt.Sprintf(" [%d]", slices.Index(reasons, reason)+1)
	}
	for _, r := range rows() {
		ours, failed := measured.figure(r.ours, r.unit)
		floor, missing := measured.sum(r.parts, r.unit)
		if failed != nil || missing != nil {
			err = errors.Join(err, failed, missing)
			continue
		}
		ratio, goal := ours.median/floor.median, ""
		if r.goal > 0 {
			goal = fmt.Sprintf("%.2f", r.goal)
		}
		if r.goal > 0 && ratio > r.goal {
			if r.why == "" {
				err = errors.Join(err, fmt.Errorf("%s misses its goal, and says not why", r.what))
			}
			goal += ", missed" + mark(r.why)
		}
		fmt.Fprintf(out, "| %s | %s | %s | %s | **%.2f** | %s |\n", r.what, ours.String(r.unit), r.floor, floor.String(r.unit), ratio, goal)
	}
	writeReasons(out, "Where a goal is missed, where the time goes:", reasons)

	fmt.Fprint(out, "\n## Beside others\n\nOpenSC reads the same card, and less of it. A ratio above 1 says how many times as much the peer takes.\n\n")
	fmt.Fprint(out, "| what | ours | beside it | | ratio |\n| --- | --- | --- | --- | --- |\n")
	reasons = nil
	for _, c := range comparisons() {
		ours, failed := measured.figure(c.ours, c.unit)
		err = errors.Join(err, failed)
		what, own := c.what, ours.String(c.unit)
		for _, p := range c.peers {
			theirs, failed := measured.figure(p.name, c.unit)
			err = errors.Join(err, failed)
			ratio := theirs.median / ours.median
			note := ""
			if ratio < 1 {
				if p.ahead == "" {
					err = errors.Join(err, fmt.Errorf("%s is ahead of %s, and says not why", p.what, c.what))
				}
				note = mark(p.ahead)
			}
			fmt.Fprintf(out, "| %s | %s | %s | %s | %.2f%s |\n", what, own, p.what, theirs.String(c.unit), ratio, note)
			what, own = "", ""
		}
	}
	writeReasons(out, "Where a peer is ahead, why:", reasons)
	return err
}

func writeReasons(out io.Writer, heading string, reasons []string) {
	if len(reasons) == 0 {
		return
	}
	fmt.Fprintf(out, "\n%s\n\n", heading)
	for i, reason := range reasons {
		fmt.Fprintf(out, "%d. %s.\n", i+1, reason)
	}
}

// The part of the readme that this command writes.
const figuresBegin, figuresEnd = "<!-- make bench writes these figures -->\n", "<!-- end of the figures -->\n"

// writeFigures replaces the figures in the readme.
func writeFigures(readme string, measured values) error {
	text, err := os.ReadFile(readme)
	if err != nil {
		return err
	}
	before, rest, begins := strings.Cut(string(text), figuresBegin)
	_, after, ends := strings.Cut(rest, figuresEnd)
	if !begins || !ends {
		return fmt.Errorf("%s has no place for the figures", readme)
	}
	var figures []string
	for _, r := range rows() {
		if r.short == "" {
			continue
		}
		ours, failed := measured.figure(r.ours, r.unit)
		floor, missing := measured.sum(r.parts, r.unit)
		if err := errors.Join(failed, missing); err != nil {
			return err
		}
		median, _, _ := strings.Cut(ours.String(r.unit), " (")
		figures = append(figures, fmt.Sprintf("%s %s (%.2f)", r.short, median, ours.median/floor.median))
	}
	line := "In one run, and how many times the least that any program could take: " + strings.Join(figures, "; ") + ".\n"
	return os.WriteFile(readme, []byte(before+figuresBegin+line+figuresEnd+after), 0o644)
}

// machine describes the computer and the programs that were used for the benchmarks.
func machine() string {
	said := func(name string, args ...string) string {
		out, err := exec.Command(name, args...).Output()
		if err != nil && len(out) == 0 {
			return name + ": not there"
		}
		line, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
		return strings.TrimSpace(line)
	}
	processor := "an unknown processor"
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if found := regexp.MustCompile(`model name\s*: (.*)`).FindSubmatch(info); found != nil {
			processor = string(found[1])
		}
	}
	return strings.Join([]string{
		"- " + fmt.Sprintf("%d × %s, %s", runtime.NumCPU(), processor, said("uname", "-sr")),
		"- commit " + said("git", "rev-parse", "--short", "HEAD") + ", " + runtime.Version(),
		"- " + said("chromium", "--version"),
		"- " + said("pcscd", "--version") + "; OpenSC " + said("dpkg-query", "-W", "-f", "${Version}", "opensc"),
	}, "\n")
}

// writeSizes builds the programs as they are shipped, and writes their sizes and that of the extension.
func writeSizes(out io.Writer) error {
	dir, err := os.MkdirTemp("", "sizes")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	empty := filepath.Join(dir, "main.go")
	if err := os.WriteFile(empty, []byte("package main\n\nfunc main() {}\n"), 0o644); err != nil {
		return err
	}
	fmt.Fprint(out, "\n| size | MB |\n| --- | --- |\n")
	for _, b := range [][4]string{
		{"program for Linux", "linux", "1", "./host"},
		{"an empty Go program for Linux", "linux", "1", empty},
		{"program for Windows (amd64)", "windows", "0", "./host"},
	} {
		program := filepath.Join(dir, "program")
		build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", program, b[3])
		build.Env = append(os.Environ(), "GOOS="+b[1], "CGO_ENABLED="+b[2])
		if text, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("%w: %s", err, text)
		}
		info, err := os.Stat(program)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "| %s | %.2f |\n", b[0], float64(info.Size())/1e6)
	}
	var size int
	err = fs.WalkDir(extension.Files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Dir(path) == "icons" {
			return err
		}
		data, err := extension.Files.ReadFile(path)
		size += len(data)
		return err
	})
	fmt.Fprintf(out, "| extension, without icons (limit 0.205) | %.3f |\n", float64(size)/1e6)
	return err
}

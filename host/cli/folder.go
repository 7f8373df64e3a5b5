package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"

	"etax-doctor/checks/finding"
	"etax-doctor/host/texts"
)

// summarySchema is the schema of a summary as JSON. A new version only adds fields.
const summarySchema = "etax-doctor.summary/1"

// summary is what the reports of a folder say. Every file of the folder is in it once: judged, or skipped with the reason.
type summary struct {
	Schema   string         `json:"schema"`
	Reports  int            `json:"reports"`
	Verdicts []verdictCount `json:"verdicts"`
	Files    []judgedFile   `json:"files"`
	Skipped  []skippedFile  `json:"skipped"`
}

// verdictCount is how many reports have a verdict, the graver ones first, then the more frequent ones.
type verdictCount struct {
	Code   finding.Code   `json:"code"`
	Status finding.Status `json:"status"`
	Count  int            `json:"count"`
	Title  string         `json:"title"`
}

// judgedFile is the verdict of a report. File is its path below the folder.
type judgedFile struct {
	File   string         `json:"file"`
	Code   finding.Code   `json:"code"`
	Status finding.Status `json:"status"`
	// Failed is whether one of its findings is a failure, as in the exit code of a single check.
	Failed bool `json:"failed"`
}

type skippedFile struct {
	File   string `json:"file"`
	Reason string `json:"reason"`
}

// isFolder reports whether a path names a folder of saved reports.
func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// checkFolder judges all reports below a folder again: an office's collection.
func (a *App) checkFolder(ctx context.Context, o diagnosis, asJSON, verbose bool) error {
	catalog, err := a.catalog()
	if err != nil {
		return err
	}
	// A mistake in the command is none of the files.
	if err := o.validate(); err != nil {
		return err
	}
	folder, err := filepath.EvalSymlinks(o.replay) // WalkDir does not follow a link
	if err != nil {
		return misused("replay_open", finding.Args{"file": o.replay})
	}
	paths, err := filesBelow(folder)
	if err != nil {
		return misused("replay_open", finding.Args{"file": o.replay})
	}
	s, err := a.judgeAll(ctx, o, folder, paths, catalog)
	if err != nil {
		return err
	}
	if s.Reports == 0 && len(s.Skipped) == 0 {
		return misused("replay_empty", finding.Args{"file": o.replay})
	}
	a.code = exitOK
	switch {
	case s.Reports == 0:
		a.code = exitUsage
	case slices.ContainsFunc(s.Files, func(f judgedFile) bool { return f.Failed }):
		a.code = exitFailure
	}
	if asJSON {
		return writeJSON(a.Stdout, s)
	}
	return a.printSummary(s, catalog, verbose)
}

// filesBelow returns the paths of all files below a folder, in order. What cannot be listed is a path too, so that it is named.
func filesBelow(folder string) (paths []string, err error) {
	err = filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil && path == folder:
			return err
		case err != nil || !entry.IsDir():
			paths = append(paths, path)
		}
		return nil
	})
	return paths, err
}

// judgeAll judges the files of a folder on all processors.
func (a *App) judgeAll(ctx context.Context, o diagnosis, folder string, paths []string, catalog *texts.Catalog) (*summary, error) {
	judged := make([]judgedFile, len(paths))
	reasons := make([]error, len(paths))
	next := make(chan int)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for i := range next {
				judged[i], reasons[i] = a.judgeFile(ctx, o, paths[i])
			}
		})
	}
	for i := range paths {
		next <- i
	}
	close(next)
	workers.Wait()
	if ctx.Err() != nil {
		return nil, errors.New("the check was interrupted")
	}
	s := &summary{Schema: summarySchema, Verdicts: []verdictCount{}, Files: []judgedFile{}, Skipped: []skippedFile{}}
	counts := map[verdictCount]int{}
	for i, path := range paths {
		name, err := filepath.Rel(folder, path)
		if err != nil {
			name = path
		}
		name = texts.Printable(filepath.ToSlash(name))
		var m misuse
		switch {
		case reasons[i] == nil:
			judged[i].File = name
			s.Files = append(s.Files, judged[i])
			counts[verdictCount{Code: judged[i].Code, Status: judged[i].Status}]++
		case errors.As(reasons[i], &m) && strings.HasPrefix(m.key, "cli_error_replay"):
			s.Skipped = append(s.Skipped, skippedFile{name, catalog.Text(strings.Replace(m.key, "cli_error_replay", "cli_skipped", 1), m.args)})
		default:
			return nil, reasons[i]
		}
	}
	s.Reports = len(s.Files)
	for v, n := range counts {
		v.Count, v.Title = n, catalog.General(v.Code, "title")
		s.Verdicts = append(s.Verdicts, v)
	}
	slices.SortFunc(s.Verdicts, func(a, b verdictCount) int {
		switch {
		case finding.Worse(a.Status, b.Status):
			return -1
		case finding.Worse(b.Status, a.Status):
			return 1
		}
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Code, b.Code))
	})
	return s, nil
}

// judgeFile judges one file. It opens regular files only: opening a pipe would wait for ever.
func (a *App) judgeFile(ctx context.Context, o diagnosis, path string) (judgedFile, error) {
	if ctx.Err() != nil {
		return judgedFile{}, ctx.Err()
	}
	if info, err := os.Stat(path); err != nil {
		return judgedFile{}, misused("replay_open", nil)
	} else if !info.Mode().IsRegular() {
		return judgedFile{}, misused("replay_read", nil)
	}
	o.replay = path
	result, err := a.judge(ctx, o, false)
	if err != nil {
		return judgedFile{}, err
	}
	return judgedFile{Code: result.Verdict.Code, Status: result.Verdict.Status, Failed: exitCode(result) == exitFailure}, nil
}

// namedFiles is how many files are named for each verdict, unless all are asked for: the names are those of computers.
const namedFiles = 3

func (a *App) printSummary(s *summary, catalog *texts.Catalog, verbose bool) error {
	p := a.printer(catalog, verbose)
	p.line(0, p.text("cli_summary", finding.Args{"count": strconv.Itoa(s.Reports)}))
	for _, v := range s.Verdicts {
		p.line(0, "")
		p.line(0, p.marked(v.Status, fmt.Sprintf("%d × %s", v.Count, v.Title)))
		p.line(2, string(v.Code))
		if v.Status == finding.OK && !verbose {
			continue
		}
		p.files(s.Files, v)
	}
	if len(s.Skipped) > 0 {
		p.line(0, "")
		p.line(0, p.text("cli_summary_skipped", finding.Args{"count": strconv.Itoa(len(s.Skipped))}))
		for _, f := range s.Skipped {
			p.line(2, f.File+": "+f.Reason)
		}
	}
	return p.Flush()
}

// files writes the names of the files with a verdict.
func (p *printer) files(all []judgedFile, v verdictCount) {
	named := 0
	for _, f := range all {
		if f.Code != v.Code || f.Status != v.Status {
			continue
		}
		if named++; named > namedFiles && !p.verbose {
			p.line(2, p.text("cli_summary_more", finding.Args{"count": strconv.Itoa(v.Count - namedFiles)}))
			return
		}
		p.line(2, f.File)
	}
}

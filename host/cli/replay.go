package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"etax-doctor/checks"
	"etax-doctor/checks/facts"
	"etax-doctor/checks/finding"
	"etax-doctor/host/report"
)

// maxReplay is the largest file to read, in bytes: far above any report, but a wrong file cannot fill the memory.
const maxReplay = 4 << 20

// saved is a record that is judged again: the machine's facts, and the browser's findings, which cannot be checked again.
type saved struct {
	facts           *facts.Facts
	browserFindings []finding.Finding
}

// readSaved reads a facts file, or a saved report of the command line or the browser.
func readSaved(path string) (saved, error) {
	data, err := readFile(path)
	if err != nil {
		return saved{}, err
	}
	var record struct {
		Schema      string            `json:"schema"`
		GeneratedAt time.Time         `json:"generatedAt"`
		Facts       json.RawMessage   `json:"facts"`
		Findings    []finding.Finding `json:"findings"`
	}
	if err := json.Unmarshal(data, &record); err != nil {
		return saved{}, notOurs(path)
	}
	switch {
	case record.Schema == report.Schema, record.Schema == "" && len(record.Facts) > 0: // the first reports had no schema
	case strings.HasPrefix(record.Schema, "etax-doctor.report/"):
		return saved{}, anotherVersion(path, record.Schema)
	default:
		f, err := readFacts(path, data)
		return saved{facts: f}, err
	}
	s := saved{browserFindings: slices.DeleteFunc(record.Findings, func(f finding.Finding) bool { return !isFromBrowser(f) })}
	for i := range s.browserFindings {
		s.browserFindings[i].Layer = finding.MustLookup(s.browserFindings[i].Code).Layer // this version decides the layer, not the file
	}
	if len(record.Facts) == 0 || string(record.Facts) == "null" {
		// The report is from a browser without a host, so it has no facts.
		if record.GeneratedAt.IsZero() {
			return saved{}, notOurs(path)
		}
		s.facts = &facts.Facts{Schema: facts.Schema, CollectedAt: record.GeneratedAt}
		return s, nil
	}
	s.facts, err = readFacts(path, record.Facts)
	return s, err
}

// isFromBrowser reports whether only the browser can give a finding. A code that this version does not know is not judged.
func isFromBrowser(f finding.Finding) bool {
	entry, known := finding.Lookup(f.Code)
	known = known && slices.Contains([]finding.Status{finding.OK, finding.Info, finding.Warning, finding.Failure, finding.Skipped, finding.Unknown}, f.Status)
	return known && entry.Layer != "" && !slices.Contains(checks.Layers(), entry.Layer)
}

func readFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, misused("replay_open", finding.Args{"file": path})
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxReplay+1))
	if err != nil {
		return nil, misused("replay_read", finding.Args{"file": path})
	}
	if len(data) > maxReplay {
		return nil, misused("replay_large", finding.Args{"file": path})
	}
	// PowerShell 5.1 writes UTF-16, or UTF-8 with a byte order mark.
	data, _, err = transform.Bytes(unicode.BOMOverride(transform.Nop), data)
	if err != nil {
		return nil, notOurs(path)
	}
	return data, nil
}

func readFacts(path string, data []byte) (*facts.Facts, error) {
	f, err := facts.Read(data)
	switch {
	case errors.Is(err, facts.ErrOtherVersion):
		var record struct{ Schema string }
		_ = json.Unmarshal(data, &record)
		return nil, anotherVersion(path, record.Schema)
	case err != nil:
		return nil, notOurs(path)
	}
	return f, nil
}

func anotherVersion(path, schema string) error {
	return misused("replay_version", finding.Args{"file": path, "schema": fmt.Sprintf("%.40s", schema), "known": report.Schema})
}

func notOurs(path string) error { return misused("replay_not_ours", finding.Args{"file": path}) }

// Package report is the JSON form of a diagnosis: what `check --json` prints and what the browser receives.
package report

import (
	"maps"
	"time"

	"etax-doctor/checks"
	"etax-doctor/checks/facts"
	"etax-doctor/checks/finding"
	"etax-doctor/host/texts"
	"etax-doctor/host/version"
	"etax-doctor/host/ways"
)

// Schema marks a saved report as ours and names the version of its format. Reports of the browser's page have the same
// format, with findings from both sides; their facts are null if there was no host.
const Schema = "etax-doctor.report/1"

// Report is a diagnosis. Titles, details and steps are left out where no language was asked for.
type Report struct {
	Schema   string `json:"schema"`
	Protocol int    `json:"protocol"`
	Version  string `json:"version"`
	// Extension is the version of the extension, in a report of the browser's page.
	Extension   string                  `json:"extension,omitempty"`
	GeneratedAt time.Time               `json:"generatedAt"`
	Simulated   string                  `json:"simulated"` // the name of the simulated machine, or empty
	Verdict     Verdict                 `json:"verdict"`
	Findings    []Finding               `json:"findings"`
	Facts       *facts.Facts            `json:"facts"`
	Timings     map[facts.Probe]float64 `json:"timings"` // milliseconds
	// OtherWays are the other ways to file the return, for the screen.
	OtherWays *ways.All `json:"otherWays,omitempty"`
}

// Verdict is the finding that is shown first.
type Verdict struct {
	Code   finding.Code   `json:"code"`
	Status finding.Status `json:"status"`
	Layer  finding.Layer  `json:"layer"`
	Title  string         `json:"title,omitempty"`
}

// Finding is a finding with its texts and the catalogue's data for its code.
type Finding struct {
	Code       finding.Code   `json:"code"`
	Status     finding.Status `json:"status"`
	Layer      finding.Layer  `json:"layer"`
	Class      string         `json:"class"`
	Difficulty string         `json:"difficulty"`
	Title      string         `json:"title,omitempty"`
	Detail     string         `json:"detail,omitempty"`
	Args       finding.Args   `json:"args"`
	Steps      []string       `json:"steps,omitempty"`
	// Takes says how long the remedy takes, Bring what to bring to the municipal office.
	Takes          string       `json:"takes,omitempty"`
	Bring          []string     `json:"bring,omitempty"`
	Repair         string       `json:"repair"`
	Links          []string     `json:"links"`
	SkippedBecause finding.Code `json:"skippedBecause"`
	// Of the catalogue, for the extension's choice of the verdict. ExplainedBy is nil but for symptoms.
	Rank        int            `json:"rank"`
	Fine        bool           `json:"fine,omitempty"`
	Explains    []string       `json:"explains,omitempty"`
	WorseWith   []finding.Code `json:"worseWith,omitempty"`
	ExplainedBy *[]string      `json:"explainedBy,omitempty"`
	About       finding.Layer  `json:"about,omitempty"`
	// Record is set if the screen shows more than may be saved: it is the part to save.
	Record *Record `json:"record,omitempty"`
}

// Record is the part of a finding that may be saved, if the screen shows more.
type Record struct {
	Args   finding.Args `json:"args"`
	Title  string       `json:"title,omitempty"`
	Detail string       `json:"detail,omitempty"`
	Steps  []string     `json:"steps,omitempty"`
}

// New makes the report of a run, as it may be saved. Without a catalogue of texts it has codes and arguments only.
func New(r *checks.Result, catalog *texts.Catalog, now time.Time) *Report {
	report := &Report{
		Schema: Schema, Protocol: version.Protocol, Version: version.Version, GeneratedAt: now.UTC(),
		Simulated: r.Facts.Simulated, Facts: r.Facts, Timings: r.Timings,
		Verdict:  Verdict{Code: r.Verdict.Code, Status: r.Verdict.Status, Layer: r.Verdict.Layer},
		Findings: make([]Finding, len(r.Findings)),
	}
	if report.Timings == nil {
		report.Timings = map[facts.Probe]float64{}
	}
	if catalog != nil {
		report.Verdict.Title = catalog.Title(finding.ForRecord(r.Verdict))
	}
	for i, f := range r.Findings {
		report.Findings[i] = newFinding(finding.ForRecord(f), catalog)
	}
	return report
}

// OnScreen is the report for the screen of the card's owner.
func OnScreen(r *checks.Result, catalog *texts.Catalog, now time.Time) *Report {
	report := New(r, catalog, now)
	if catalog != nil {
		report.OtherWays = ways.Everything(catalog, now)
	}
	for i, f := range r.Findings {
		report.Findings[i] = onScreen(f, catalog)
	}
	return report
}

// onScreen is a finding with its texts for the screen and, if they differ, with those for a saved report.
func onScreen(f finding.Finding, catalog *texts.Catalog) Finding {
	out, kept := newFinding(f, catalog), newFinding(finding.ForRecord(f), catalog)
	if !maps.Equal(out.Args, kept.Args) {
		out.Record = &Record{Args: kept.Args, Title: kept.Title, Detail: kept.Detail, Steps: kept.Steps}
	}
	return out
}

// newFinding adds the catalogue's data for its code to a finding, and its texts if there is a catalogue of texts.
func newFinding(f finding.Finding, catalog *texts.Catalog) Finding {
	entry, _ := finding.Lookup(f.Code)
	out := Finding{
		Code: f.Code, Status: f.Status, Layer: f.Layer, Args: f.Args, SkippedBecause: f.SkippedBecause,
		Class: entry.Class, Difficulty: entry.Difficulty, Repair: entry.Repair, Links: entry.Links,
		Rank: finding.Rank(f.Code), Fine: entry.Fine(), Explains: entry.Explains, WorseWith: entry.WorseWith, About: entry.About,
	}
	if finding.IsSymptom(f.Code) {
		groups := append([]string{}, entry.Groups...)
		out.ExplainedBy = &groups
	}
	if out.Args == nil {
		out.Args = finding.Args{}
	}
	if out.Links == nil {
		out.Links = []string{}
	}
	if catalog != nil {
		out.Title, out.Detail, out.Steps = catalog.Title(f), catalog.Detail(f), catalog.Steps(f)
		out.Takes, out.Bring = catalog.Takes(f), catalog.Bring(f)
	}
	return out
}

package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"etax-doctor/checks/finding"
	"etax-doctor/host/texts"
)

// signs are the same in every language, so that a support desk can read any report.
var signs = map[finding.Status]string{
	finding.Failure: "NG",
	finding.Warning: "!!",
	finding.Unknown: "??",
	finding.Skipped: "--",
	finding.Info:    "..",
	finding.OK:      "OK",
}

// Text is the report as a few lines to paste into a mail: only codes and titles, from the card to e-Tax. The extension
// writes the same lines (extension/ui/report-text.js); testdata/reports/texts.json tests both.
func (r *Report) Text(catalog *texts.Catalog) string {
	var b strings.Builder
	line := func(key, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s: %s\n", catalog.Raw("report_"+key), texts.Printable(value))
		}
	}
	fmt.Fprintln(&b, catalog.Raw("report_title"))
	line("time", r.GeneratedAt.UTC().Format(time.RFC3339))
	versions := r.Version
	if r.Extension != "" {
		versions += fmt.Sprintf(" (%s %s)", catalog.Raw("layer_extension"), r.Extension)
	}
	line("version", strings.TrimSpace(versions))
	line("computer", strings.TrimSpace(r.computer()))
	line("simulated", r.Simulated)
	line("verdict", string(r.Verdict.Code)+" "+r.Verdict.Title)
	b.WriteString("\n")
	findings := slices.Clone(r.Findings)
	slices.SortStableFunc(findings, func(a, b Finding) int { return finding.Compare(a.Code, a.Layer, b.Code, b.Layer) })
	for _, f := range findings {
		text := f.Title
		if f.Status == finding.Unknown {
			text = catalog.Unchecked(finding.Finding{Code: f.Code, Status: f.Status, Layer: f.Layer, Args: f.Args})
		}
		fmt.Fprintf(&b, "%s %s %s\n", signs[f.Status], texts.Printable(string(f.Code)), texts.Printable(text))
	}
	fmt.Fprintf(&b, "\n%s\n", catalog.Raw("report_nothing_personal"))
	return b.String()
}

// computer is the system, its processor, and the browser.
func (r *Report) computer() string {
	if r.Facts == nil {
		return ""
	}
	parts := []string{}
	if s := r.Facts.System; s != nil {
		parts = append(parts, s.OS, s.Arch)
	}
	return strings.Join(append(parts, r.Facts.Browser), " ")
}

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

var jst = time.FixedZone("JST", 9*60*60)

// Text is the report as text to paste into a mail: what the person saw, the verdict, what to say on the telephone, other ways
// to file, and then the codes and titles from the card to e-Tax. The extension writes the same lines
// (extension/ui/report-text.js); testdata/reports/texts.json tests both.
func (r *Report) Text(catalog *texts.Catalog) string {
	var b strings.Builder
	line := func(key, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s: %s\n", catalog.Raw("report_"+key), texts.Printable(value))
		}
	}
	fmt.Fprintln(&b, catalog.Raw("report_title"))
	symptoms := slices.DeleteFunc(slices.Clone(r.Findings), func(f Finding) bool { return !finding.IsSymptom(f.Code) })
	for _, f := range symptoms {
		line("saw", strings.TrimSpace(f.Args["errcode"]+" "+f.Title))
	}
	line("verdict", string(r.Verdict.Code)+" "+r.Verdict.Title)
	line("time", r.GeneratedAt.In(jst).Format("2006-01-02 15:04"))
	versions := r.Version
	if r.Extension != "" {
		versions += fmt.Sprintf(" (%s %s)", catalog.Raw("layer_extension"), r.Extension)
	}
	line("version", strings.TrimSpace(versions))
	line("computer", strings.TrimSpace(r.computer()))
	line("simulated", r.Simulated)
	fmt.Fprintf(&b, "\n%s\n%s\n", catalog.Raw("ui_say"), texts.Printable(r.say(catalog)))
	r.writeWays(&b, catalog, len(symptoms) > 0)
	b.WriteString("\n")
	for _, f := range r.shown() {
		text := f.Title
		if f.Status == finding.Unknown {
			text = catalog.Unchecked(finding.Finding{Code: f.Code, Status: f.Status, Layer: f.Layer, Args: f.Args})
		}
		fmt.Fprintf(&b, "%s %s %s\n", signs[f.Status], texts.Printable(string(f.Code)), texts.Printable(text))
	}
	fmt.Fprintf(&b, "\n%s\n%s\n", catalog.Raw("report_legend"), catalog.Raw("report_nothing_personal"))
	return b.String()
}

// say is what to say on the telephone.
func (r *Report) say(catalog *texts.Catalog) string {
	args := finding.Args{"title": r.Verdict.Title, "code": string(r.Verdict.Code)}
	first := "say_no_login"
	for _, f := range r.Findings {
		if args["message"] = f.Args["errcode"]; finding.IsSymptom(f.Code) && args["message"] != "" {
			first = "say_message"
			break
		}
	}
	return catalog.Text(first, args) + catalog.Text("say_verdict", args)
}

func (r *Report) writeWays(b *strings.Builder, catalog *texts.Catalog, seen bool) {
	if r.OtherWays == nil {
		return
	}
	others := r.OtherWays.For(finding.Finding{Code: r.Verdict.Code, Status: r.Verdict.Status, Layer: r.Verdict.Layer}, seen)
	if len(others) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s\n", catalog.Raw("ui_hurry"))
	if r.OtherWays.Deadline != "" {
		fmt.Fprintln(b, r.OtherWays.Deadline)
	}
	for _, w := range others {
		fmt.Fprintf(b, "* %s: %s\n", w.Title, w.Needs)
	}
}

// shown are the findings from the card to e-Tax, without those of [finding.Shown].
func (r *Report) shown() []Finding {
	plain := make([]finding.Finding, len(r.Findings))
	for i, f := range r.Findings {
		plain[i] = finding.Finding{Code: f.Code, Status: f.Status, Layer: f.Layer}
	}
	kept := finding.Shown(plain)
	all := slices.DeleteFunc(slices.Clone(r.Findings), func(f Finding) bool {
		return !slices.ContainsFunc(kept, func(k finding.Finding) bool { return k.Code == f.Code && k.Status == f.Status })
	})
	slices.SortStableFunc(all, func(a, b Finding) int { return finding.Compare(a.Code, a.Layer, b.Code, b.Layer) })
	return all
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

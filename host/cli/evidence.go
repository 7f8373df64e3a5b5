package cli

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"etax-doctor/checks"
	"etax-doctor/checks/finding"
	"etax-doctor/host/texts"
)

// evidence prints, for each layer, its findings with their codes and named values, and the facts behind them.
func (p *printer) evidence(r *checks.Result) {
	p.line(0, "")
	p.line(0, p.bold(p.text("ui_evidence", nil)))
	printed := map[finding.Layer]bool{}
	var shown any
	for _, l := range finding.Layers() {
		for _, f := range r.Findings {
			if f.Layer != l {
				continue
			}
			line := string(f.Code) + "  " + string(f.Status)
			for _, name := range slices.Sorted(maps.Keys(f.Args)) {
				line += "  " + name + "=" + texts.Printable(f.Args[name])
			}
			p.hanging("  "+p.sign(f.Status)+" ", line)
			printed[l] = true
		}
		// Several layers share the facts about readers and cards. These are shown only once.
		if part := checks.Evidence(r.Facts, l); printed[l] && part != nil && part != shown {
			shown = part
			data, err := json.MarshalIndent(part, "      ", "  ")
			if err != nil {
				continue
			}
			for line := range strings.Lines("      " + string(data)) {
				p.WriteString(texts.Printable(line) + "\n")
			}
		}
	}
}

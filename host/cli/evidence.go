package cli

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"etax-doctor/checks"
	"etax-doctor/checks/facts"
	"etax-doctor/checks/finding"
	"etax-doctor/host/texts"
)

// evidence prints, for each layer, its findings with their codes and named values, and the facts that they rest on.
func (p *printer) evidence(r *checks.Report) {
	p.line(0, "")
	p.line(0, p.bold(p.text("ui_evidence", nil)))
	told := map[finding.Layer]bool{}
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
			told[l] = true
		}
		if part := partOf(r.Facts, l); told[l] && part != nil {
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

// partOf is what was observed for a layer, or nil. Certificate and card are facts of the reader's.
func partOf(f *facts.Facts, l finding.Layer) any {
	switch {
	case l == finding.LayerReader && f.PCSC != nil:
		return f.PCSC
	case l == finding.LayerService && f.Service != nil:
		return f.Service
	case l == finding.LayerSystem && f.System != nil:
		return f.System
	case l == finding.LayerApp && f.App != nil:
		return f.App
	case l == finding.LayerPolicy && f.Policy != nil:
		return f.Policy
	case l == finding.LayerSecurity && f.Security != nil:
		return f.Security
	}
	return nil
}

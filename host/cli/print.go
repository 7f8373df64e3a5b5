package cli

import (
	"bufio"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/width"

	"etax-doctor/checks"
	"etax-doctor/checks/facts"
	"etax-doctor/checks/finding"
	"etax-doctor/host/texts"
	"etax-doctor/host/ways"
)

// marks are the signs before each line; colours are ANSI codes, used on a terminal only.
var marks = map[finding.Status]struct{ sign, colour string }{
	finding.OK:      {"✓", "32"},
	finding.Info:    {"・", "36"},
	finding.Warning: {"!", "33"},
	finding.Failure: {"✗", "31;1"},
	finding.Skipped: {"－", "2"},
	finding.Unknown: {"?", "35"},
}

const (
	defaultWidth = 80
	widest       = 100
)

type printer struct {
	*bufio.Writer
	catalog *texts.Catalog
	colour  bool
	columns int // 0: lines are not wrapped
	verbose bool
}

func (a *App) printer(catalog *texts.Catalog, verbose bool) *printer {
	p := &printer{Writer: bufio.NewWriter(a.Stdout), catalog: catalog, colour: a.Terminal && a.Getenv("NO_COLOR") == "", verbose: verbose}
	if a.Terminal {
		p.columns = defaultWidth
		if a.Width > 0 {
			p.columns = min(a.Width, widest)
		}
	}
	return p
}

// print writes the verdict, what it costs and its steps, then other ways to file, and what was found from the card to e-Tax.
// Unless it is verbose, a failure fits in 30 lines of a terminal.
func (a *App) print(r *checks.Result, catalog *texts.Catalog, replayed, verbose bool) error {
	p := a.printer(catalog, verbose)
	if r.Facts.Simulated != "" {
		p.line(0, p.text("ui_simulated", finding.Args{"name": r.Facts.Simulated}))
	}
	if replayed {
		p.line(0, p.text("ui_replayed", finding.Args{"date": p.catalog.Date(r.Facts.CollectedAt.In(time.Local))}))
	}
	if r.Facts.Simulated != "" || replayed {
		p.line(0, "")
	}
	p.symptoms(r)
	p.verdict(r)
	p.hurry(r)
	p.path(r)
	if verbose {
		p.evidence(r)
	}
	return p.Flush()
}

// symptoms prints the meaning of what was seen or reported. Unless a failure explains it, its own steps and links follow;
// a fault that does not explain it is introduced as a second thing.
func (p *printer) symptoms(r *checks.Result) {
	apart := len(finding.Apart(r.Findings, r.Verdict)) > 0
	above := apart || r.Verdict.Status != finding.Failure && !finding.IsSymptom(r.Verdict.Code)
	shown := slices.DeleteFunc(slices.Clone(r.Findings), func(f finding.Finding) bool {
		return !finding.IsSymptom(f.Code) || f.Code == r.Verdict.Code
	})
	if len(shown) == 0 {
		return
	}
	p.line(0, p.bold(p.text("ui_you_saw", nil)))
	for _, f := range shown {
		p.hanging("  ・", p.catalog.Title(f))
		p.line(4, p.catalog.Detail(f))
		if entry, _ := finding.Lookup(f.Code); above {
			p.steps(2, p.catalog.Steps(f))
			for _, l := range entry.LinksIn(r.Facts.Browser) {
				p.line(4, l)
			}
		}
	}
	p.line(0, "")
	if apart {
		p.line(0, p.text("ui_apart", nil))
	}
}

func (p *printer) steps(indent int, steps []string) {
	for i, s := range steps {
		p.hanging(fmt.Sprintf("%s  %d. ", strings.Repeat(" ", indent), i+1), s)
	}
}

func reported(r *checks.Result, f finding.Finding) bool {
	return slices.ContainsFunc(r.Facts.Symptoms, func(s facts.Symptom) bool { return s.Code == string(f.Code) })
}

func (p *printer) text(key string, args finding.Args) string { return p.catalog.Text(key, args) }

func (p *printer) verdict(r *checks.Result) {
	v := r.Verdict
	entry, _ := finding.Lookup(v.Code)
	p.line(0, p.marked(v.Status, p.catalog.Title(v)))
	var kinds []string
	if v.Status == finding.Failure || finding.IsSymptom(v.Code) && v.Layer != "session" {
		kinds = append(kinds, p.text("class_"+entry.Class, nil))
	}
	if takes := p.catalog.Takes(v); takes != "" {
		kinds = append(kinds, takes)
	}
	if len(kinds) > 0 {
		p.line(2, "["+strings.Join(kinds, " / ")+"]")
	}
	if detail := p.catalog.Detail(v); detail != "" {
		p.line(2, detail)
	}
	if v.Code == finding.NotAllChecked {
		for _, f := range r.Findings {
			if f.Status == finding.Unknown {
				p.hanging("  ・", p.catalog.Unchecked(f))
			}
		}
	}
	steps := p.catalog.Steps(v)
	if len(steps) > 0 {
		p.heading("ui_what_to_do")
		p.steps(0, steps)
	}
	if bring := p.catalog.Bring(v); len(bring) > 0 {
		p.heading("ui_bring")
		for _, thing := range bring {
			p.hanging("  ・", thing)
		}
	}
	for _, l := range entry.LinksIn(r.Facts.Browser) {
		p.line(2, p.text("ui_links", nil)+": "+l)
	}
}

// heading begins a part: after an empty line, or, in the short form, without one.
func (p *printer) heading(key string) {
	if p.verbose {
		p.line(0, "")
	}
	p.line(0, p.bold(p.text(key, nil)))
}

// hurry prints the other ways to file the return, and how many days are left.
func (p *printer) hurry(r *checks.Result) {
	all := ways.Everything(p.catalog, r.Facts.CollectedAt)
	others := all.For(r.Verdict, slices.ContainsFunc(r.Findings, func(f finding.Finding) bool { return finding.IsSymptom(f.Code) }))
	if len(others) == 0 {
		return
	}
	p.heading("ui_hurry")
	if all.Deadline != "" {
		p.line(2, all.Deadline)
	}
	var titles []string
	for _, w := range others {
		titles = append(titles, w.Title)
		if p.verbose {
			p.hanging("  ・", w.Title)
			p.line(4, w.Needs)
		}
	}
	if !p.verbose {
		p.line(2, strings.Join(titles, " / "))
	}
}

// path prints the worst finding of each layer, from the card to e-Tax, and then the other ones. In the short form, what is
// fine is one line, and so is what could not be checked yet.
func (p *printer) path(r *checks.Result) {
	p.heading("ui_the_path")
	worst := map[finding.Layer]finding.Finding{}
	var others []finding.Finding
	column := 0
	for _, f := range finding.Shown(r.Findings) {
		if reported(r, f) {
			continue
		}
		w, seen := worst[f.Layer]
		column = max(column, displayWidth(p.catalog.Layer(f.Layer)))
		switch {
		case !seen:
			worst[f.Layer] = f
		case finding.Worse(f.Status, w.Status):
			worst[f.Layer] = f
			others = append(others, w)
		default:
			others = append(others, f)
		}
	}
	together := map[finding.Status][]string{}
	for _, l := range finding.Layers() {
		f, ok := worst[l]
		name := p.catalog.Layer(l)
		switch {
		case !ok:
		case !p.verbose && slices.Contains(inShort, f.Status):
			together[f.Status] = append(together[f.Status], name)
		case !p.verbose && f.Code == r.Verdict.Code: // it was said above
		default:
			p.hanging("  "+p.sign(f.Status)+" "+name+strings.Repeat(" ", column-displayWidth(name))+"  ", p.catalog.Title(f))
		}
	}
	for _, s := range inShort {
		if names := together[s]; len(names) > 0 {
			p.hanging("  "+p.sign(s)+" ", p.text("ui_short_"+string(s), finding.Args{"layers": strings.Join(names, p.text("ui_and", nil))}))
		}
	}
	p.notes(others)
	if p.verbose {
		p.line(0, "")
	}
	if card, _ := r.Facts.PCSC.MyNumberCard(); p.verbose && card != nil && card.Certificate != nil && card.Certificate.Chain != nil {
		p.line(0, p.text(chainText(card.Certificate.Chain), nil))
	}
	unchecked := !slices.ContainsFunc(r.Findings, func(f finding.Finding) bool { return f.Layer == "browser" })
	if unchecked && (p.verbose || r.Verdict.Status != finding.Failure) {
		p.line(0, p.text("ui_browser_note", nil))
	}
	p.line(0, p.text("ui_pin_safe", nil))
}

// inShort are the states of which the short form only names the layers.
var inShort = []finding.Status{finding.Skipped, finding.OK}

func chainText(c *facts.Chain) string {
	switch {
	case c.CAUnread:
		return "ui_chain_unread"
	case !c.KnownCA:
		return "ui_chain_other"
	case !c.Signed:
		return "ui_chain_not_signed"
	}
	return "ui_chain_genuine"
}

func (p *printer) notes(others []finding.Finding) {
	others = slices.DeleteFunc(others, func(f finding.Finding) bool {
		return f.Status == finding.Skipped || !p.verbose && (f.Status == finding.OK || f.Status == finding.Info)
	})
	if len(others) == 0 {
		return
	}
	p.heading("ui_other_notes")
	for _, f := range others {
		p.hanging("  "+p.sign(f.Status)+" ", p.catalog.Title(f))
	}
}

// sign is a mark, two columns wide.
func (p *printer) sign(s finding.Status) string {
	m := marks[s]
	sign := m.sign + strings.Repeat(" ", max(0, 2-displayWidth(m.sign)))
	return p.paint(m.colour, sign)
}

func (p *printer) marked(s finding.Status, text string) string {
	m := marks[s]
	return p.paint(m.colour, m.sign) + " " + p.bold(text)
}

func (p *printer) bold(s string) string { return p.paint("1", s) }

func (p *printer) paint(code, s string) string {
	if !p.colour {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (p *printer) line(indent int, text string) { p.hanging(strings.Repeat(" ", indent), text) }

// hanging prints lead and text, and indents further lines to the column where text began.
func (p *printer) hanging(lead, text string) {
	indent := displayWidth(lead)
	for i, line := range wrap(text, p.columns-indent) {
		if i > 0 {
			lead = strings.Repeat(" ", indent)
		}
		fmt.Fprintln(p, strings.TrimRight(lead+line, " "))
	}
}

// displayWidth is the number of terminal columns: two for the wide characters of Japanese. Colour codes count 0.
func displayWidth(s string) (n int) {
	escape := false
	for _, r := range s {
		switch {
		case r == '\x1b':
			escape = true
		case escape:
			escape = r != 'm'
		default:
			n += runeWidth(r)
		}
	}
	return n
}

func runeWidth(r rune) int {
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// noLineStart are characters that must not begin a line (a short form of the Japanese rule 行頭禁則).
const noLineStart = "、。，．）」』】！？・ー)]}.,!?"

// wrap breaks text into lines of at most columns, and keeps Latin words whole. Below 20 columns it does nothing.
func wrap(text string, columns int) []string {
	if columns < 20 {
		return []string{text}
	}
	var lines []string
	var line []rune
	used := 0
	for _, r := range text {
		w := runeWidth(r)
		if used+w > columns && !strings.ContainsRune(noLineStart, r) && r != ' ' {
			at := breakPoint(line)
			lines = append(lines, strings.TrimRight(string(line[:at]), " "))
			line = append([]rune{}, []rune(strings.TrimLeft(string(line[at:]), " "))...)
			used = displayWidth(string(line))
		}
		line = append(line, r)
		used += w
	}
	return append(lines, string(line))
}

// breakPoint is where a full line may be cut: after a wide character or a space, else at its end.
func breakPoint(line []rune) int {
	for i := len(line); i > len(line)/2; i-- {
		if r := line[i-1]; r == ' ' || runeWidth(r) == 2 {
			return i
		}
	}
	return len(line)
}

// Package texts turns findings into sentences.
package texts

import (
	"bytes"
	"embed"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"etax-doctor/checks/finding"
)

// Languages are the languages of the catalogue, the first one for most users.
var Languages = []string{"ja", "en"}

// generated holds all texts of both sides, in the form of Table. `go generate ./host` makes them from the rooms' codes.json,
// from locales, and from extension/texts.
//
//go:embed generated
var generated embed.FS

// Catalog holds the texts of one language.
type Catalog struct {
	Language string
	table    string // see Table
}

// Table is texts in the form that is embedded: a line each, sorted, of a key, a tab and the text, in which a line's end is \n.
// A text is looked up where it lies: reading all of them as JSON would take as long as all other work of a check.
func Table(texts map[string]string) []byte {
	var b bytes.Buffer
	for _, key := range slices.Sorted(maps.Keys(texts)) {
		fmt.Fprintf(&b, "%s\t%s\n", key, escapes.Replace(texts[key]))
	}
	return b.Bytes()
}

var (
	escapes   = strings.NewReplacer(`\`, `\\`, "\n", `\n`)
	unescapes = strings.NewReplacer(`\\`, `\`, `\n`, "\n")
)

// Load returns the embedded texts of a language. An unknown language is an error.
func Load(language string) (*Catalog, error) {
	data, err := generated.ReadFile("generated/" + language + ".txt")
	if err != nil {
		return nil, fmt.Errorf("no texts for language %q", language)
	}
	return &Catalog{Language: language, table: string(data)}, nil
}

// find returns the text of a key, as it stands in the table.
func (c *Catalog) find(key string) (text string, found bool) {
	for lines := c.table; lines != ""; {
		middle := len(lines) / 2
		start := strings.LastIndexByte(lines[:middle], '\n') + 1
		end := start + strings.IndexByte(lines[start:], '\n') + 1
		at, text, _ := strings.Cut(lines[start:end-1], "\t")
		switch {
		case at == key:
			return text, true
		case at < key:
			lines = lines[end:]
		default:
			lines = lines[:start]
		}
	}
	return "", false
}

// Has reports whether there is a text with this key.
func (c *Catalog) Has(key string) bool { _, found := c.find(key); return found }

// Keys returns all keys.
func (c *Catalog) Keys() (keys []string) {
	for line := range strings.Lines(c.table) {
		key, _, _ := strings.Cut(line, "\t")
		keys = append(keys, key)
	}
	return keys
}

// Raw returns a text with its placeholders.
func (c *Catalog) Raw(key string) string {
	text, _ := c.find(key)
	if !strings.Contains(text, `\`) {
		return text
	}
	return unescapes.Replace(text)
}

// Placeholder matches {name} in a text; the name is that of an argument.
var Placeholder = regexp.MustCompile(`\{([a-zA-Z]+)\}`)

// Text returns a text with its placeholders filled in.
func (c *Catalog) Text(key string, args finding.Args) string {
	text := Placeholder.ReplaceAllStringFunc(c.Raw(key), func(p string) string { return Printable(args[p[1:len(p)-1]]) })
	return emptyBrackets.Replace(text)
}

// emptyBrackets removes brackets whose value is not known.
var emptyBrackets = strings.NewReplacer("（）", "", " ()", "")

// value is an argument as people read it: a word of this product is translated, a full date is written out, and a year or
// a count is put into its phrase (arg_<name>_given).
func (c *Catalog) value(kind finding.Kind, name, value string) string {
	switch {
	case kind.Is(finding.Word):
		if key := "arg_" + name + "_" + strings.ReplaceAll(value, "-", "_"); c.Has(key) {
			return c.Raw(key)
		}
	case kind.Is(finding.Date):
		if day, err := time.Parse(time.DateOnly, value); err == nil {
			return c.Date(day)
		}
		return c.given(name, value)
	case kind.Is(finding.Count):
		return c.given(name, value)
	}
	return value
}

func (c *Catalog) given(name, value string) string {
	if phrase := "arg_" + name + "_given"; value != "" && c.Has(phrase) {
		return strings.ReplaceAll(c.Raw(phrase), "{value}", value)
	}
	return value
}

// Printable removes the control characters from a text from outside: a name from a driver or a saved file must not
// control a terminal.
func Printable(text string) string { return strings.Map(printable, text) }

func printable(r rune) rune {
	if unicode.IsControl(r) {
		return -1
	}
	return r
}

// Date writes a day in the usual form of the language.
func (c *Catalog) Date(day time.Time) string {
	if c.Language == "ja" {
		return fmt.Sprintf("%d年%d月%d日", day.Year(), day.Month(), day.Day())
	}
	return day.Format("2 January 2006")
}

// MonthDay writes a day of this year.
func (c *Catalog) MonthDay(day time.Time) string {
	if c.Language == "ja" {
		return fmt.Sprintf("%d月%d日", day.Month(), day.Day())
	}
	return day.Format("2 January")
}

// Key is the key of a part (title, detail, steps) of a code's text.
func Key(code finding.Code, part string) string {
	return strings.NewReplacer(".", "_", "-", "_").Replace(string(code)) + "_" + part
}

// Title is the finding in one sentence.
func (c *Catalog) Title(f finding.Finding) string { return c.part(f, "title") }

// Detail says what the finding means. It may be empty.
func (c *Catalog) Detail(f finding.Finding) string { return c.part(f, "detail") }

// Steps is what to do, in order. It may be empty.
func (c *Catalog) Steps(f finding.Finding) []string {
	if text := c.part(f, "steps"); text != "" {
		return strings.Split(text, "\n")
	}
	return []string{}
}

// Takes says how long the remedy takes; empty where there is nothing to do.
func (c *Catalog) Takes(f finding.Finding) string {
	entry, _ := finding.Lookup(f.Code)
	if entry.Takes == "" || f.Status == finding.OK || f.Status == finding.Skipped {
		return ""
	}
	return c.Raw("takes_" + strings.ReplaceAll(entry.Takes, "-", "_"))
}

// Bring is what to bring to the municipal office; empty if the remedy does not lead there.
func (c *Catalog) Bring(f finding.Finding) []string {
	entry, _ := finding.Lookup(f.Code)
	if text := c.Raw("bring_" + entry.Bring); text != "" && c.Takes(f) != "" {
		return strings.Split(text, "\n")
	}
	return nil
}

// Unchecked says what could not be checked, and why.
func (c *Catalog) Unchecked(f finding.Finding) string {
	if entry, _ := finding.Lookup(f.Code); !speaksOfAll(entry) {
		return c.Title(f)
	}
	return c.Text("ui_unchecked", finding.Args{"title": c.Title(f), "reason": c.Detail(f)})
}

// speaksOfAll reports whether the code's own text says that all is well: an unknown finding then needs another one.
func speaksOfAll(entry finding.Entry) bool {
	return entry.Difficulty == "" && entry.Layer != "" && !finding.IsSymptom(entry.Code)
}

// Event says what an event of a watch means.
func (c *Catalog) Event(kind, reader string) string {
	return c.Text("event_"+strings.ReplaceAll(kind, "-", "_"), finding.Args{"reader": reader})
}

// Layer is the name of a layer.
func (c *Catalog) Layer(l finding.Layer) string { return c.Text("layer_"+string(l), nil) }

func (c *Catalog) part(f finding.Finding, part string) string {
	entry, known := finding.Lookup(f.Code)
	args := finding.Args{"layer": c.Layer(f.Layer), "code": string(f.Code)}
	for name, value := range f.Args {
		kind := entry.Args[name]
		if name == "reason" { // any code may have a reason, if it could not be checked
			kind = finding.Word
		}
		args[name] = c.value(kind, name, value)
	}
	switch {
	case f.Status == finding.Skipped:
		cause, known := finding.Lookup(f.SkippedBecause)
		if known && cause.Difficulty == "" { // not a fault, but something that could not be looked at
			return c.Text("status_skipped_"+part+"_unknown", finding.Args{"layer": args["layer"], "cause": c.Layer(cause.Layer)})
		}
		args["cause"] = c.Title(finding.Finding{Code: f.SkippedBecause, Status: finding.Failure, Args: f.Args})
		return c.Text("status_skipped_"+part, args)
	case !known:
		return c.Text("unknown_code_"+part, args)
	case f.Status == finding.Unknown && speaksOfAll(entry):
		return c.Text("status_unknown_"+part, args)
	}
	if key := Key(f.Code, part+"_"+f.Args["os"]); c.Has(key) {
		return c.Text(key, args)
	}
	return c.Text(Key(f.Code, part), args)
}

// Package symptom recognises the messages and codes that a person has seen, with a table of all known ones.
package symptom

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"etax-doctor/checks/facts"
	"etax-doctor/checks/finding"
)

// NotKnown is the symptom for words that contain nothing from the table.
const NotKnown finding.Code = "symptom.not-known"

// Row is a message or code of the table.
type Row struct {
	Row  int          `json:"row"`
	Text string       `json:"text"`
	Code finding.Code `json:"code"`
	// Prefix: the text also matches the start of a longer code.
	Prefix bool `json:"prefix"`
	// Alone: it must be all that the person wrote. It is so short that it could be part of a telephone number.
	Alone bool `json:"alone"`
	// When is when it counts on the page. Find does not look for what has a meaning only there: after the card's answer, or
	// while it is shown.
	When string `json:"when"`
	// Confidence in what it means: official, official-copy, secondary, inference, weak.
	Confidence string `json:"confidence"`
}

// pageJSON are the messages that e-Tax's pages show. The extension looks for them there; `go generate ./host` writes
// its part.
//
//go:embed page.json
var pageJSON []byte

// reportedJSON are the other messages that a person may report.
//
//go:embed reported.json
var reportedJSON []byte

// Table returns the rows of both, in the order of the project's table of messages.
var Table = sync.OnceValue(func() []Row {
	var all []Row
	for _, data := range [][]byte{pageJSON, reportedJSON} {
		var part struct{ Texts []Row }
		if err := json.Unmarshal(data, &part); err != nil {
			panic(fmt.Sprintf("an embedded table of messages is broken: %v", err))
		}
		all = append(all, part.Texts...)
	}
	slices.SortStableFunc(all, func(a, b Row) int { return a.Row - b.Row })
	return all
})

// Find recognises messages in what a person has typed or pasted, however it is spelt. It returns at most three symptoms,
// the likeliest first: messages and codes of the table, in its order, then what the words mean (meanings.json); NotKnown
// if there is none; nil if words is empty.
func Find(words string) []facts.Symptom {
	if strings.TrimSpace(words) == "" {
		return nil
	}
	found := exact(words)
	if len(found) == 0 {
		for _, code := range meant(words) {
			found = append(found, facts.Symptom{Code: string(code)})
		}
	}
	if len(found) == 0 {
		return []facts.Symptom{{Code: string(NotKnown)}}
	}
	return found[:min(len(found), mostMeanings)]
}

// exact returns one symptom for each message or code of the table that is in the words.
func exact(words string) (found []facts.Symptom) {
	spaced := normal(words)
	joined := unspaced(spaced)
	var rows []Row
	for _, row := range Table() {
		text, in := normal(row.Text), spaced
		if !isASCII(text) {
			text, in = unspaced(text), joined
		}
		if row.onlyOnPage() || row.Alone && alonePrefix().ReplaceAllString(spaced, "") != text {
			continue
		}
		if holds(in, text, row.Prefix) || holdsUnhyphened(in, text) {
			rows = append(rows, row)
		}
	}
	for _, row := range rows {
		part := slices.ContainsFunc(rows, func(r Row) bool { return r.Text != row.Text && strings.Contains(r.Text, row.Text) })
		known := slices.ContainsFunc(found, func(s facts.Symptom) bool { return s.Code == string(row.Code) })
		if !part && !known {
			found = append(found, facts.Symptom{Code: string(row.Code), Text: row.Text})
		}
	}
	return found
}

// leastUnhyphened is how long a code must be to be found without its hyphens: a shorter one could be other words.
const leastUnhyphened = 8

// holdsUnhyphened reports whether words contains a code whose hyphens are missing, doubled or spaces.
func holdsUnhyphened(words, code string) bool {
	if !isASCII(code) || !strings.Contains(code, "-") || len(code) < leastUnhyphened {
		return false
	}
	parts := strings.Split(regexp.QuoteMeta(code), "-")
	return regexp.MustCompile(`(^|[^A-Z0-9])` + strings.Join(parts, `[-\s]*`) + `($|[^A-Z0-9])`).MatchString(words)
}

// The values of when are described in extension/types.d.ts.
func (r Row) onlyOnPage() bool { return r.When == "answer" || r.When == "shown" }

// alonePrefix matches what may come before a code with Alone.
var alonePrefix = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(SW)?[ :=]*(0X)?`) })

// dashes matches the characters that Japanese keyboard input writes for a hyphen within a code.
var dashes = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`([A-Z0-9])[\x{2010}-\x{2015}\x{2212}\x{30FC}\x{FF70}]([A-Z0-9])`)
})

// normal removes the differences between what people write and what screens show: width, case and spacing.
func normal(s string) string {
	return dashes().ReplaceAllString(strings.Join(strings.Fields(strings.ToUpper(norm.NFKC.String(s))), " "), "$1-$2")
}

// unspaced drops spaces and line breaks, which mean nothing in Japanese.
func unspaced(s string) string { return strings.ReplaceAll(s, " ", "") }

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
}

// holds reports whether words contains text, and not only as part of a longer code (with prefix: the end may continue).
func holds(words, text string, prefix bool) bool {
	for from := 0; ; {
		at := strings.Index(words[from:], text)
		if at < 0 {
			return false
		}
		at += from
		end := at + len(text)
		if !continuesCode(words[:at], text, false) && (prefix || !continuesCode(words[end:], text, true)) {
			return true
		}
		from = at + 1
	}
}

// continuesCode reports whether a letter or digit directly follows (after) or precedes the code. A leading 0x does not count.
func continuesCode(neighbour, text string, after bool) bool {
	letter := func(b byte) bool { return b < 0x80 && (unicode.IsLetter(rune(b)) || unicode.IsDigit(rune(b))) }
	if neighbour == "" {
		return false
	}
	if after {
		return letter(text[len(text)-1]) && letter(neighbour[0])
	}
	return letter(text[0]) && letter(neighbour[len(neighbour)-1]) && !strings.HasSuffix(neighbour, "0X")
}

// Judge makes findings of the reported symptoms. It leaves out codes from a saved file that this version does not know.
func Judge(f *facts.Facts) []finding.Finding {
	var found []finding.Finding
	for _, s := range f.Symptoms {
		entry, ok := finding.Lookup(finding.Code(s.Code))
		if !ok || !strings.HasPrefix(s.Code, "symptom.") {
			continue
		}
		found = append(found, finding.New(entry.Code, finding.Info, finding.Args{"errcode": s.Text}))
	}
	return found
}

// Package symptom recognises the messages and codes that a person has seen, in the table of all that are known.
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

// NotKnown is given for words in which nothing of the table was found.
const NotKnown finding.Code = "symptom.not-known"

// Row is a message or code of the table.
type Row struct {
	Row  int          `json:"row"`
	Text string       `json:"text"`
	Code finding.Code `json:"code"`
	// Prefix: a code that goes on is meant too.
	Prefix bool `json:"prefix"`
	// Alone: it is too short to be looked for among other words, such as a telephone number's.
	Alone bool `json:"alone"`
	// AfterAnswer: it means something only on the page, and there only after the card's answer.
	AfterAnswer bool `json:"afterAnswer"`
	// Confidence in what it means: official, official-copy, secondary, inference, weak.
	Confidence string `json:"confidence"`
}

// pageJSON is what e-Tax's pages show. The extension looks for it there: `go generate ./host` writes its share.
//
//go:embed page.json
var pageJSON []byte

// reportedJSON is what else a person may report.
//
//go:embed reported.json
var reportedJSON []byte

// Table is both, in the order of the project's table of messages.
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

// Find recognises what a person has typed or pasted, in full-width letters too: one symptom for each code of the
// catalogue, in the order of the table; NotKnown where there is none; nil for no words at all.
func Find(words string) []facts.Symptom {
	spaced := normal(words)
	if spaced == "" {
		return nil
	}
	joined := unspaced(spaced)
	var rows []Row
	for _, row := range Table() {
		text, in := normal(row.Text), spaced
		if !isASCII(text) {
			text, in = unspaced(text), joined
		}
		if row.AfterAnswer || row.Alone && bare.ReplaceAllString(spaced, "") != text || !holds(in, text, row.Prefix) {
			continue
		}
		rows = append(rows, row)
	}
	var found []facts.Symptom
	for _, row := range rows {
		part := slices.ContainsFunc(rows, func(r Row) bool { return r.Text != row.Text && strings.Contains(r.Text, row.Text) })
		known := slices.ContainsFunc(found, func(s facts.Symptom) bool { return s.Code == string(row.Code) })
		if !part && !known {
			found = append(found, facts.Symptom{Code: string(row.Code), Text: row.Text})
		}
	}
	if found == nil {
		return []facts.Symptom{{Code: string(NotKnown)}}
	}
	return found
}

// bare is what may stand before a code that is looked for alone.
var bare = regexp.MustCompile(`^(SW)?[ :=]*(0X)?`)

// dashes are what a Japanese keyboard makes of a hyphen within a code.
var dashes = regexp.MustCompile(`([A-Z0-9])[\x{2010}-\x{2015}\x{2212}\x{30FC}\x{FF70}]([A-Z0-9])`)

// normal drops what people and screens write differently: width, case, and how words are spaced.
func normal(s string) string {
	return dashes.ReplaceAllString(strings.Join(strings.Fields(strings.ToUpper(norm.NFKC.String(s))), " "), "$1-$2")
}

// unspaced drops spaces and line breaks, which mean nothing in Japanese.
func unspaced(s string) string { return strings.ReplaceAll(s, " ", "") }

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
}

// holds reports whether text is in words. A code must not be a part of a longer one.
func holds(words, text string, prefix bool) bool {
	for from := 0; ; {
		at := strings.Index(words[from:], text)
		if at < 0 {
			return false
		}
		at += from
		end := at + len(text)
		if !touches(words[:at], text, false) && (prefix || !touches(words[end:], text, true)) {
			return true
		}
		from = at + 1
	}
}

// touches reports whether the code's neighbour is a letter or digit of its own kind. 0x before a number is none.
func touches(neighbour, text string, after bool) bool {
	letter := func(b byte) bool { return b < 0x80 && (unicode.IsLetter(rune(b)) || unicode.IsDigit(rune(b))) }
	if neighbour == "" {
		return false
	}
	if after {
		return letter(text[len(text)-1]) && letter(neighbour[0])
	}
	return letter(text[0]) && letter(neighbour[len(neighbour)-1]) && !strings.HasSuffix(neighbour, "0X")
}

// Judge makes findings of what was reported. A code that this version does not know, from a saved file, is left out.
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

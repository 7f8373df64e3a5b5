package main

import (
	"io/fs"
	"slices"
	"strings"

	"etax-doctor/checks/finding"
	"etax-doctor/checks/symptom"
)

// withoutHost reports whether the extension itself can look the code up.
func withoutHost(code finding.Code) bool {
	name, isSymptom := strings.CutPrefix(string(code), "symptom.")
	return isSymptom && slices.Contains(symptom.Meanings().WithoutHost, name)
}

// mostWords is how many words of an idea travel with the extension, the first ones. With 5, it recognises 90 % of the
// messages that it does with all of them.
const mostWords = 5

// extensionMeaning is a meaning with its code without the common prefix, and its lists as words between spaces: 1 KB less.
type extensionMeaning struct {
	Code    string `json:"code"`
	Ideas   string `json:"ideas"`
	Without string `json:"without,omitempty"`
	Last    bool   `json:"last,omitempty"`
}

// extensionMeanings is the part of the table that travels with the extension: of the most frequent symptoms, with the
// words folded, and without those that another word of the same idea makes superfluous. codes are page.json's error codes.
func extensionMeanings(root fs.FS) ([]byte, error) {
	m := symptom.Meanings()
	var page struct{ Texts []symptom.Row }
	if err := readTable(root, "checks/symptom/page.json", &page); err != nil {
		return nil, err
	}
	codes := map[string][2]string{}
	for _, row := range page.Texts {
		if folded := symptom.Fold(row.Text); strings.ToUpper(row.Text) == row.Text && strings.Contains(row.Text, "-") {
			codes[folded] = [2]string{strings.TrimPrefix(string(row.Code), "symptom."), row.Text}
		}
	}
	var kept []extensionMeaning
	ideas := map[string]string{}
	for _, k := range m.Meanings {
		if !withoutHost(k.Code) {
			continue
		}
		kept = append(kept, extensionMeaning{strings.TrimPrefix(string(k.Code), "symptom."), strings.Join(k.Ideas, " "), strings.Join(k.Without, " "), k.Last})
		for _, idea := range slices.Concat(k.Ideas, k.Without) {
			words := needed(m.Ideas[idea])
			ideas[idea] = strings.Join(words[:min(len(words), mostWords)], " ")
		}
	}
	spellings := map[string]string{}
	for _, pair := range m.Spellings {
		spellings[pair[0]] = pair[1]
	}
	return document(member("spellings", spellings), member("negations", strings.Join(needed(m.Negations), " ")), member("codes", codes),
		slices.Concat([]byte(`"ideas":`), object(members(ideas))), list("meanings", kept)), nil
}

// needed folds the words of an idea, and drops those that contain another one: a text with the longer word has both.
// Before a negation, the shorter word has to end the longer one.
func needed(words []string) (kept []string) {
	var all []string
	for _, w := range words {
		word, negated := strings.CutSuffix(w, "~")
		if word = symptom.Fold(word); negated {
			word += "~"
		}
		all = append(all, word)
	}
	for i, w := range all {
		word, negated := strings.CutSuffix(w, "~")
		if !slices.ContainsFunc(all, func(other string) bool {
			part, alsoNegated := strings.CutSuffix(other, "~")
			switch {
			case other == w:
				return slices.Index(all, w) < i
			case alsoNegated:
				return negated && strings.HasSuffix(word, part)
			}
			return strings.Contains(word, part)
		}) {
			kept = append(kept, w)
		}
	}
	return kept
}

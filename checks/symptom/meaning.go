package symptom

import (
	"cmp"
	_ "embed"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"etax-doctor/checks/finding"
	"etax-doctor/checks/table"
)

// meaningsJSON is the table of meanings. It says itself how it is read.
//
//go:embed meanings.json
var meaningsJSON []byte

// MeaningTable is the table of meanings.
type MeaningTable struct {
	Spellings [][2]string         `json:"spellings"`
	Negations []string            `json:"negations"`
	Ideas     map[string][]string `json:"ideas"`
	Meanings  []Meaning           `json:"meanings"`
	// WithoutHost are the symptoms, without "symptom.", that the extension itself can look up.
	WithoutHost []string `json:"withoutHost"`
}

// Meaning fits a text in which each of its ideas is found, and none of Without.
type Meaning struct {
	Code    finding.Code `json:"code"`
	Ideas   []string     `json:"ideas"`
	Without []string     `json:"without"`
	// Last: it fits only where no other one does.
	Last bool `json:"last"`
}

// Meanings returns the table.
var Meanings = table.Once[MeaningTable]("meanings.json", meaningsJSON)

// mostMeanings is how many meanings of one text are returned.
const mostMeanings = 3

// meant returns the codes of the meanings that fit a text, the most specific first: by the number of ideas, then by how
// much of the text they account for.
func meant(words string) (codes []finding.Code) {
	type fit struct {
		Meaning
		length int
	}
	var fits []fit
	text := Fold(words)
	for _, m := range Meanings().Meanings {
		if length, ok := m.in(text); ok {
			fits = append(fits, fit{m, length})
		}
	}
	slices.SortStableFunc(fits, func(a, b fit) int {
		if a.Last != b.Last {
			if a.Last {
				return 1
			}
			return -1
		}
		return cmp.Or(cmp.Compare(len(b.Ideas), len(a.Ideas)), cmp.Compare(b.length, a.length))
	})
	for _, f := range fits {
		best := fits[0]
		if len(codes) < mostMeanings && !slices.Contains(codes, f.Code) && f.Last == best.Last && len(f.Ideas) == len(best.Ideas) {
			codes = append(codes, f.Code)
		}
	}
	return codes
}

// in returns how many letters of the text are those of the meaning's ideas.
func (m Meaning) in(text string) (length int, ok bool) {
	for _, idea := range m.Without {
		if ideaIn(text, idea) > 0 {
			return 0, false
		}
	}
	for _, idea := range m.Ideas {
		n := ideaIn(text, idea)
		if n == 0 {
			return 0, false
		}
		length += n
	}
	return length, true
}

// ideaIn returns the length of the longest word of an idea that is in a text; 0 if none is.
func ideaIn(text, idea string) (longest int) {
	for _, word := range foldedIdeas()[idea] {
		if word.in(text) {
			longest = max(longest, utf8.RuneCountInString(word.text))
		}
	}
	return longest
}

// word is a word of an idea. A negated one has to be followed by a negation.
type word struct {
	text    string
	negated bool
}

// reach is within how many letters a negation has to begin: 認識されていません.
const reach = 9

func (w word) in(text string) bool {
	for rest := text; ; {
		_, after, found := strings.Cut(rest, w.text)
		if !found {
			return false
		}
		if !w.negated || negated(after) {
			return true
		}
		rest = after
	}
}

// negated reports whether a text begins with a negation, in the same sentence.
func negated(text string) bool {
	text, _, _ = strings.Cut(text, sentenceEnd)
	text += sentenceEnd // 読めん ends a sentence
	for i, n := 0, 0; i < len(text) && n <= reach; n++ {
		if slices.ContainsFunc(foldedNegations(), func(ending string) bool { return strings.HasPrefix(text[i:], ending) }) {
			return true
		}
		_, size := utf8.DecodeRuneInString(text[i:])
		i += size
	}
	return false
}

var foldedNegations = sync.OnceValue(func() (all []string) {
	for _, ending := range Meanings().Negations {
		all = append(all, Fold(ending))
	}
	return all
})

var foldedIdeas = sync.OnceValue(func() map[string][]word {
	all := map[string][]word{}
	for idea, words := range Meanings().Ideas {
		for _, w := range words {
			text, negated := strings.CutSuffix(w, "~")
			all[idea] = append(all[idea], word{Fold(text), negated})
		}
	}
	return all
})

// sentenceEnd stands for the end of a sentence in a folded text.
const sentenceEnd = "|"

// spellings replaces the ways of writing that count as one.
var spellings = sync.OnceValue(func() *strings.Replacer {
	var pairs []string
	for _, pair := range Meanings().Spellings {
		pairs = append(pairs, pair[0], pair[1])
	}
	return strings.NewReplacer(pairs...)
})

var ends = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[。．.!?\n]+`) })

// Fold drops what differs between spellings of the same words: width, case, long vowels, spaces and punctuation.
func Fold(s string) string {
	s = ends().ReplaceAllString(strings.ToLower(norm.NFKC.String(s)), sentenceEnd)
	s = strings.Map(func(r rune) rune {
		switch {
		case r == 'ー', r == '〜', !unicode.IsLetter(r) && !unicode.IsDigit(r) && string(r) != sentenceEnd:
			return -1
		}
		return r
	}, s)
	return spellings().Replace(s)
}

package symptom

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"etax-doctor/checks/facts"
	"etax-doctor/checks/finding"
)

func codes(found []facts.Symptom) (codes []string) {
	for _, s := range found {
		codes = append(codes, strings.TrimPrefix(s.Code, "symptom."))
	}
	return codes
}

func TestFind(t *testing.T) {
	for words, want := range map[string][]string{
		"":           nil,
		" \n":        nil,
		"EW044-C300": {"app-no-answer"},
		"ew044-c300": {"app-no-answer"},
		"ＥＷ０４４－Ｃ３００": {"app-no-answer"},
		"エラー（EW044-C300）が出ました": {"app-no-answer"},
		"XEW044-C300":          {"not-known"},
		"EW044-C3001":          {"not-known"},
		"KS-E10001":            {"form-input"},
		"エラーコード：KS-W90011です":   {"form-input"},
		"OKS-E10001":           {"not-known"},
		"E0001":                {"connection"},
		"error E0001 occurred": {"connection"},
		"SE0001":               {"not-known"},
		"0x8010000B":           {"card-held"},
		"0X8010000b が出る":       {"card-held"},
		"エラー 8010001D":         {"service"},
		"「 マイナポータル がオフになっています」": {"bridge-off"},
		"セッションタイムアウトが\n発生しました。": {"session-timeout"},
		"カードをセットしてください E0008":   {"phone-moved", "set-card"},
		"ＥＷ０４４−Ｃ３００":            {"app-no-answer"}, "EW044ーC300": {"app-no-answer"}, "EW044‐C300": {"app-no-answer"},
		"090-6983-1234": {"not-known"}, "EW144-6983": {"not-known"}, "090 6983 1234": {"not-known"}, "SW=6983": {"pin-locked"}, "0x6983": {"pin-locked"},
		"カードとの通信中にエラーが発生しました": {"card-communication"}, "エラーが発生しました": {"generic-error"},
		"SCARD_E_NO_SERVICE": {"service"}, "0x8010002E": {"no-reader-listed"},
		"63C2":                    {"wrong-pin"},
		"63C0":                    {"pin-locked"},
		"今日は雨です":                  {"not-known"},
		"6A82":                    {"wrong-card"},
		"16A82F":                  {"not-known"},
		"Native host has exited.": {"our-program"},
		"電子証明書の検証に失敗しました (EI123-2008)":          {"authentication-error", "phone-certificate"},
		"EW104J1502 エラー詳細：0x00000006":           {"card-communication"},
		strings.Repeat("あ", 10000) + "HJS0432E": {"signing-locked"},
	} {
		assert.Equal(t, want, codes(Find(words)), "%.60s", words)
	}
}

// Find recognises every row by its own text, and the catalogue has the row's code.
func TestTheTable(t *testing.T) {
	assert.Greater(t, len(Table()), 60)
	for _, row := range Table() {
		words := "画面に「" + row.Text + "」と出ました"
		if row.Alone {
			words = row.Text
		}
		if !row.onlyOnPage() {
			assert.Equal(t, []string{strings.TrimPrefix(string(row.Code), "symptom.")}, codes(Find(words)), row.Text)
		}
		_, ok := finding.Lookup(row.Code)
		assert.True(t, ok, "%s is not in the catalogue", row.Code)
		assert.NotContains(t, row.Text, `"`, "the content script puts it in quotes")
		assert.Contains(t, []string{"official", "official-copy", "secondary", "inference", "weak"}, row.Confidence)
	}
}

func TestJudge(t *testing.T) {
	f := &facts.Facts{Symptoms: []facts.Symptom{{Code: "symptom.app-no-answer", Text: "EW044-C300"}, {Code: "symptom.of-the-future"}, {Code: "reader.none"}}}
	got := Judge(f)
	if assert.Len(t, got, 1) {
		assert.Equal(t, finding.Info, got[0].Status)
		assert.Equal(t, []finding.Code{"extension.bridge-duplicate", "app.mynaportal-missing"}, finding.ExplainedBy(got[0].Code)[:2])
	}
	assert.Empty(t, Judge(&facts.Facts{}))
}

func FuzzFind(f *testing.F) {
	for _, row := range Table() {
		f.Add(row.Text)
	}
	f.Fuzz(func(t *testing.T, words string) {
		for _, s := range Find(words) {
			if _, ok := finding.Lookup(finding.Code(s.Code)); !ok {
				t.Fatal(s.Code)
			}
		}
	})
}

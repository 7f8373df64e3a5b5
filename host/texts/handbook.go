package texts

import (
	"fmt"
	"strings"

	"etax-doctor/checks/finding"
)

// General is a part (title, detail, steps) of a code's text, with … for each value that is only known in a real case.
func (c *Catalog) General(code finding.Code, part string) string {
	return Placeholder.ReplaceAllString(c.Raw(Key(code, part)), "…")
}

// Handbook is a page of all codes, as Markdown: what each means and what to do, in Japanese, with its English title.
func Handbook() string {
	ja, en := mustLoad("ja"), mustLoad("en")
	var b strings.Builder
	b.WriteString("# 診断結果の一覧 / All codes\n\n")
	b.WriteString("<!-- Made by `go generate ./host`; a test keeps it current. -->\n\n")
	b.WriteString("コードは変わりません（スクリプトや保存した記録から使えます）。Codes are stable: scripts and saved reports may rely on them.\n")
	for _, layer := range append(finding.Layers(), "") {
		name := ja.Layer(layer) + " / " + en.Layer(layer)
		if layer == "" {
			name = "結論 / Verdicts"
		}
		fmt.Fprintf(&b, "\n## %s\n", name)
		for _, e := range finding.Codes() {
			if e.Layer != layer {
				continue
			}
			fmt.Fprintf(&b, "\n### `%s`\n\n**%s**  \n%s\n", e.Code, ja.General(e.Code, "title"), en.General(e.Code, "title"))
			kinds := []string{ja.Raw("class_" + e.Class)}
			if layer == "" || layer == "doctor" {
				kinds = nil
			}
			if takes := ja.Takes(finding.Finding{Code: e.Code}); takes != "" {
				kinds = append(kinds, takes)
			}
			if len(kinds) > 0 {
				fmt.Fprintf(&b, "\n%s\n", strings.Join(kinds, "・"))
			}
			fmt.Fprintf(&b, "\n%s\n", ja.General(e.Code, "detail"))
			for i, step := range strings.FieldsFunc(ja.General(e.Code, "steps"), func(r rune) bool { return r == '\n' }) {
				if i == 0 {
					b.WriteString("\n")
				}
				fmt.Fprintf(&b, "%d. %s\n", i+1, step)
			}
			if causes := finding.ExplainedBy(e.Code); len(causes) > 0 {
				fmt.Fprintf(&b, "\n%s `%s`\n", ja.Raw("handbook_explained_by"), strings.Join(asStrings(causes), "` `"))
			}
			for _, link := range e.Links {
				fmt.Fprintf(&b, "\n<%s>\n", link)
			}
		}
	}
	return b.String()
}

func mustLoad(language string) *Catalog {
	c, err := Load(language)
	if err != nil {
		panic(err)
	}
	return c
}

func asStrings(codes []finding.Code) []string {
	all := make([]string, len(codes))
	for i, c := range codes {
		all[i] = string(c)
	}
	return all
}

// Package site makes a static site: one page for each code, with its messages, what it means and what to do; a list with a
// search that works without a network; the first steps and the privacy policy. It is what a search engine finds when
// somebody types what e-Tax's page said. Japanese lies at the root, English in en/.
package site

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"etax-doctor/checks/finding"
	"etax-doctor/checks/symptom"
	"etax-doctor/extension"
	"etax-doctor/host/texts"
	"etax-doctor/install/guide"
	"etax-doctor/manifests"
)

//go:embed *.html style.css search.js
var parts embed.FS

var templates = template.Must(template.ParseFS(parts, "*.html"))

// page is what every template gets.
type page struct {
	Language, Other string
	Title, About    string
	Root            string // from this page to the folder with the style
	Here            string // from the language's folder to this page
	Text            func(string) string
	Codes           []*code
	Code            *code
	Policy          string
}

// Home is the folder of a language, from this page; Twin is this page in the other language.
func (p page) Home() string { return p.Root + prefix(p.Language) }
func (p page) Twin() string { return p.Root + prefix(p.Other) + p.Here }

// code is a code in one language.
type code struct {
	Code                 finding.Code
	Layer, Class         string
	Title, Detail, Takes string
	Steps, Bring, Links  []string
	Messages             []string // what e-Tax's page says, for a symptom
	Causes, Symptoms     []*code  // what can explain it, or what it can explain
	state                finding.Status
}

// File is the name of the code's page; State how it is drawn.
func (c *code) File() string          { return string(c.Code) + ".html" }
func (c *code) State() finding.Status { return c.state }

// Words are what the search looks through.
func (c *code) Words() string {
	return strings.Join(append([]string{string(c.Code), c.Title, c.Detail}, c.Messages...), " ")
}

// Heading begins with the messages that are codes of e-Tax's: people search for these.
func (c *code) Heading() string {
	var named []string
	for _, m := range c.Messages {
		if !strings.ContainsFunc(m, func(r rune) bool { return r > 0x7F || r == ' ' }) {
			named = append(named, m)
		}
	}
	return strings.Join(append(named[:min(len(named), 3):min(len(named), 3)], c.Title), " ")
}

// prefix is the folder of a language.
func prefix(language string) string {
	if language == texts.Languages[0] {
		return ""
	}
	return language + "/"
}

// Write writes the site into a folder that does not exist yet.
func Write(folder string) error {
	files := map[string][]byte{}
	for i, language := range texts.Languages {
		catalog, err := texts.Load(language)
		if err != nil {
			return err
		}
		other := texts.Languages[1-i]
		codes := codesIn(catalog)
		add := func(name, template string, p page) error {
			p.Language, p.Other, p.Here, p.Text = language, other, name, catalog.Raw
			p.Root = strings.Repeat("../", strings.Count(prefix(language)+name, "/"))
			var b bytes.Buffer
			err := templates.ExecuteTemplate(&b, template, p)
			files[prefix(language)+name] = b.Bytes()
			return err
		}
		if err := add("index.html", "index.html", page{Title: catalog.Raw("site_title"), About: catalog.Raw("site_about"), Codes: codes}); err != nil {
			return err
		}
		for _, c := range codes {
			if err := add("codes/"+c.File(), "code.html", page{Title: c.Heading(), About: c.Detail, Code: c}); err != nil {
				return err
			}
		}
		if err := add("privacy.html", "privacy.html", page{Title: catalog.Raw("site_privacy"), About: catalog.Raw("site_privacy"), Policy: manifests.PrivacyPolicy(language)}); err != nil {
			return err
		}
		if files[prefix(language)+"first-steps.html"], err = guide.Page(language, catalog.Raw, "", false); err != nil {
			return err
		}
	}
	for _, name := range []string{"style.css", "search.js"} {
		data, err := parts.ReadFile(name)
		if err != nil {
			return err
		}
		files[name] = data
	}
	tokens, err := extension.Files.ReadFile("ui/tokens.css") // the colours and type of the extension
	if err != nil {
		return err
	}
	files["style.css"] = slices.Concat(tokens, files["style.css"])
	if _, err := os.Stat(folder); err == nil {
		return fmt.Errorf("%s: %w", folder, fs.ErrExist)
	}
	for name, data := range files {
		file := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// special is a part in brackets with a value that is only known in a real case.
var special = regexp.MustCompile(`（[^（）]*…[^（）]*）| \([^()]*…[^()]*\)`)

// codesIn returns all codes in a language, from the card to e-Tax, what e-Tax's page says first.
func codesIn(catalog *texts.Catalog) (all []*code) {
	byCode := map[finding.Code]*code{}
	for _, e := range finding.Codes() {
		f := finding.Finding{Code: e.Code, Layer: e.Layer, Status: finding.Failure}
		c := &code{
			Code: e.Code, Layer: catalog.Layer(e.Layer), Title: special.ReplaceAllString(catalog.General(e.Code, "title"), ""), Detail: special.ReplaceAllString(catalog.General(e.Code, "detail"), ""),
			Steps: strings.FieldsFunc(catalog.General(e.Code, "steps"), func(r rune) bool { return r == '\n' }),
			Takes: catalog.Takes(f), Bring: catalog.Bring(f), Links: e.Links, Messages: messages(e.Code), state: finding.Failure,
		}
		switch {
		case e.Layer == "":
			c.Layer = catalog.Raw("site_verdicts")
		case e.Fine():
			c.state = finding.OK
		case finding.IsSymptom(e.Code):
			c.state = finding.Warning
		}
		if e.Layer != "" && e.Layer != "doctor" && !e.Fine() {
			c.Class = catalog.Raw("class_" + e.Class)
		}
		byCode[e.Code] = c
		all = append(all, c)
	}
	for _, c := range all {
		for _, cause := range finding.ExplainedBy(c.Code) {
			c.Causes = append(c.Causes, byCode[cause])
			byCode[cause].Symptoms = append(byCode[cause].Symptoms, c)
		}
	}
	slices.SortStableFunc(all, func(a, b *code) int { return order(a) - order(b) })
	return all
}

// order puts first what a person has seen, and last what is fine.
func order(c *code) int {
	switch c.state {
	case finding.Warning:
		return 0
	case finding.Failure:
		return 1
	}
	return 2
}

// messages are the texts of e-Tax's pages that a code stands for.
func messages(c finding.Code) (all []string) {
	for _, row := range symptom.Table() {
		if row.Code == c && !slices.Contains(all, row.Text) {
			all = append(all, row.Text)
		}
	}
	return all
}

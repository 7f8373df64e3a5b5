// Package guide makes the page with the first steps, from the extension's own page: one file that needs no network, for the
// folder of an installation and for the zip.
package guide

import (
	"fmt"
	"html"
	"regexp"
	"strings"

	"etax-doctor/extension"
)

// Page is the page in a language; text returns its texts, "" for an unknown key. extensionFolder is the folder that the browser
// is to load; installed says whether the program is there already.
func Page(language string, text func(key string) string, extensionFolder string, installed bool) ([]byte, error) {
	named := regexp.MustCompile(`(<[^>]*\bdata-text="(\w+)"[^>]*>)(</)`) // an element without content that names its text
	styleLink := regexp.MustCompile(`<link rel="stylesheet" href="([^"]*)"[^>]*>`)
	script := regexp.MustCompile(`\s*<script[^>]*></script>`)
	page, err := extension.Files.ReadFile("ui/welcome.html")
	if err != nil {
		return nil, err
	}
	var unknown error
	whole := named.ReplaceAllStringFunc(string(page), func(element string) string {
		parts := named.FindStringSubmatch(element)
		words := text(parts[2])
		if words == "" {
			unknown = fmt.Errorf("the guide names the unknown text %s", parts[2])
		}
		return parts[1] + html.EscapeString(words) + parts[3]
	})
	whole = styleLink.ReplaceAllStringFunc(whole, func(link string) string {
		style, err := extension.Files.ReadFile("ui/" + styleLink.FindStringSubmatch(link)[1])
		if err != nil {
			unknown = err
		}
		return "<style>\n" + string(style) + "</style>"
	})
	whole = script.ReplaceAllLiteralString(whole, "")
	body := "<body>"
	if installed {
		body = `<body data-done="program">`
	}
	return []byte(strings.NewReplacer(
		`<html lang="ja">`, `<html lang="`+language+`">`,
		"<title>e-Tax</title>", "<title>"+html.EscapeString(text("ui_welcome"))+"</title>",
		"<body>", body,
		"<code></code>", "<code>"+html.EscapeString(extensionFolder)+"</code>",
	).Replace(whole)), unknown
}

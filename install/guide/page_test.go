package guide

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPage(t *testing.T) {
	text := func(key string) string { return "<" + key + ">" }
	page, err := Page("en", text, `C:\a&b\extension`, true)
	require.NoError(t, err)
	assert.Contains(t, string(page), `<html lang="en">`)
	assert.Contains(t, string(page), "<title>&lt;ui_welcome&gt;</title>")
	assert.Contains(t, string(page), "&lt;ui_welcome_extension_how&gt;")
	assert.Contains(t, string(page), `<code>C:\a&amp;b\extension</code>`)
	assert.Contains(t, string(page), `<body data-done="program">`)
	assert.NotRegexp(t, `<script|<link|(?:src|href)="[^#]|data-text="\w+"[^>]*></`, string(page), "it needs nothing but itself")

	page, err = Page("en", text, `C:\extension`, false)
	require.NoError(t, err)
	assert.Contains(t, string(page), "<body>", "nothing is done yet")
	_, err = Page("en", func(string) string { return "" }, "", false)
	assert.ErrorContains(t, err, "unknown text")
}

package site

import (
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"etax-doctor/checks/finding"
)

// TestSite: each code has a page in each language, every link leads somewhere, nothing comes from elsewhere, and the HTML is valid.
func TestSite(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "site")
	require.NoError(t, Write(folder))
	require.ErrorIs(t, Write(folder), fs.ErrExist, "nothing is overwritten")
	for _, e := range finding.Codes() {
		assert.FileExists(t, filepath.Join(folder, "codes", string(e.Code)+".html"))
		assert.FileExists(t, filepath.Join(folder, "en", "codes", string(e.Code)+".html"))
	}
	pages := 0
	require.NoError(t, fs.WalkDir(os.DirFS(folder), ".", func(name string, entry fs.DirEntry, err error) error {
		require.NoError(t, err)
		if path.Ext(name) == ".html" {
			pages++
			checkLinks(t, folder, name)
		}
		return nil
	}))
	assert.Greater(t, pages, 2*len(finding.Codes()))

	out, err := exec.Command("../../node_modules/.bin/html-validate", "--config", "../../.htmlvalidate.json", "--ext", "html", folder).CombinedOutput()
	assert.NoError(t, err, string(out))
}

// checkLinks follows the links of a page, and looks for what it would load.
func checkLinks(t *testing.T, folder, name string) {
	t.Helper()
	file, err := os.Open(filepath.Join(folder, name))
	require.NoError(t, err)
	defer file.Close()
	root, err := html.Parse(file)
	require.NoError(t, err)
	for n := range root.Descendants() {
		for _, a := range n.Attr {
			if a.Key != "href" && a.Key != "src" {
				continue
			}
			to, err := url.Parse(a.Val)
			require.NoError(t, err, name)
			if to.Scheme != "" {
				assert.True(t, to.Scheme == "https" && n.Data == "a", "%s: <%s> from %s", name, n.Data, a.Val)
				continue
			}
			if to.Path != "" {
				assert.FileExists(t, filepath.Join(folder, path.Dir(name), to.Path), name)
			}
			assert.False(t, n.Data == "script" && path.Base(to.Path) != "search.js", name)
		}
	}
}

// Somebody types what the page said into a search engine: the page about it begins with that.
func TestMessagesAreInTheTitle(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "site")
	require.NoError(t, Write(folder))
	data, err := os.ReadFile(filepath.Join(folder, "codes", "symptom.app-no-answer.html"))
	require.NoError(t, err)
	_, title, _ := strings.Cut(string(data), "<title>")
	assert.True(t, strings.HasPrefix(title, "EW044-C300 "), title[:80])
	assert.NotContains(t, string(data), "（…）")
	policy, err := os.ReadFile(filepath.Join(folder, "en", "privacy.html"))
	require.NoError(t, err)
	assert.Contains(t, string(policy), "works on your computer alone")
}

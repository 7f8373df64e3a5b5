package extension

import (
	"io/fs"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A small extension is read by those who have to trust it, and loaded on every e-Tax page.
func TestTheExtensionStaysSmall(t *testing.T) {
	total := 0
	require.NoError(t, fs.WalkDir(Files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Dir(path) == "icons" {
			return err
		}
		data, err := Files.ReadFile(path)
		total += len(data)
		return err
	}))
	assert.LessOrEqual(t, total, 200*1024, "bytes without icons")
	assert.Greater(t, total, 100*1024)
}

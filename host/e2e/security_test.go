//go:build linux && cgo

package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The tests that SECURITY.md names as proofs are run by make test, too.
func TestNoProofIsLeftToFull(t *testing.T) {
	promises, err := os.ReadFile("../../SECURITY.md")
	require.NoError(t, err)
	files, err := filepath.Glob("*_test.go")
	require.NoError(t, err)
	var left []string
	for _, file := range files {
		source, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, test := range regexp.MustCompile(`func (Test\w+)\(t \*testing\.T\) \{\n\tharness\.OnlyInFull`).FindAllStringSubmatch(string(source), -1) {
			left = append(left, test[1])
		}
	}
	require.NotEmpty(t, left)
	proofs := regexp.MustCompile(`\bTest\w+`).FindAllString(string(promises), -1)
	require.NotEmpty(t, proofs)
	for _, proof := range proofs {
		assert.NotContains(t, left, proof)
	}
}

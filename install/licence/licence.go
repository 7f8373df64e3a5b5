// Package licence finds the licences of the modules in the programs, and knows which of these modules may be distributed
// with them.
package licence

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/google/licensecheck"
)

// Allowed are the licences that a module in a program may have: those that require only that their own text is included.
// The names are those of SPDX.
var Allowed = []string{"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT"}

// covered is how much of a licence file has to be a known text, in percent; the rest is names and years.
const covered = 75

// In returns the text of the licence in a module's folder, and an error if there is none or one that is not allowed.
func In(dir string) (string, error) {
	for _, name := range []string{"LICENSE", "LICENSE.txt", "LICENSE.md", "COPYING"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		return string(text), allowed(text)
	}
	return "", errors.New("no licence was found")
}

func allowed(text []byte) error {
	found := licensecheck.Scan(text)
	if found.Percent < covered {
		return fmt.Errorf("its licence is none that is known (%.0f %% of it is)", found.Percent)
	}
	for _, match := range found.Match {
		if !slices.Contains(Allowed, match.ID) {
			return fmt.Errorf("its licence, %s, is not one of %v", match.ID, Allowed)
		}
	}
	return nil
}

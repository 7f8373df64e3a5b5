// Package licence finds the licences of what the programs are built with, and knows which of them may be handed out with
// them.
package licence

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/google/licensecheck"
)

// Allowed are the licences under which a part may be in a program: those that ask for no more than their own text. The
// names are SPDX's.
var Allowed = []string{"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT"}

// covered is how much of a licence file the known text has to be, in percent; the rest is names and years.
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

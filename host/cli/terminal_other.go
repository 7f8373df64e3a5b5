//go:build !windows

package cli

import "os"

// understandsEscapes is always true here.
func understandsEscapes(*os.File) bool { return true }

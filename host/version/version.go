// Package version says what this build is.
package version

import (
	"runtime/debug"
	"time"
)

// Version is the product's version, the same as in extension/manifest.json (a test compares them).
const Version = "0.1.0"

// Protocol is the version of the messages in host/PROTOCOL.md.
const Protocol = 1

// releasedAt is used if the build has no commit time. A computer's clock that is before it is certainly wrong.
var releasedAt = time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)

// builtAt is set by the linker when packages are built (RFC 3339).
var builtAt string

// BuiltAt is the time of the commit that this program was built from.
func BuiltAt() time.Time {
	if t, err := time.Parse(time.RFC3339, builtAt); err == nil {
		return t
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.time" {
				if t, err := time.Parse(time.RFC3339, s.Value); err == nil {
					return t
				}
			}
		}
	}
	return releasedAt
}

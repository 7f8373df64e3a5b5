package facts

import "time"

// System is what is known of the computer itself.
type System struct {
	OS   string `json:"os"`             // Go's name: linux, windows, darwin
	Name string `json:"name,omitempty"` // as the OS calls itself, with its version
	Arch string `json:"arch"`
	// ProgramBits is 32 or 64: the bitness of this program, which may differ from the computer's.
	ProgramBits int `json:"programBits,omitempty"`
	// Edition, Build and Language are known on Windows: Home or Professional, 26100, ja-JP.
	Edition  string `json:"edition,omitempty"`
	Build    uint32 `json:"build,omitempty"`
	Language string `json:"language,omitempty"`
	// CapiOverrideOff is Windows' DisableCapiOverrideForRSA: with 1, an update of October 2025 moves smart card keys to
	// the newer providers; with 0, it does not; nil if it is not set. Whether it matters to e-Tax is not known.
	CapiOverrideOff *uint64 `json:"capiOverrideOff,omitempty"`
	// RemoteSession is whether this is a remote desktop session: the readers are then those of the other computer.
	RemoteSession bool `json:"remoteSession,omitempty"`
	// Clock is the computer's own time. BuiltAt is when this program was built: a clock before BuiltAt is wrong.
	Clock   time.Time `json:"clock"`
	BuiltAt time.Time `json:"builtAt"`
}

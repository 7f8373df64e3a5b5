package facts

import "time"

// System is what is known of the computer itself.
type System struct {
	OS   string `json:"os"`             // Go's name: linux, windows, darwin
	Name string `json:"name,omitempty"` // as the OS calls itself, with its version
	Arch string `json:"arch"`
	// ProgramBits is 32 or 64: this program's, which need not be the computer's.
	ProgramBits int `json:"programBits,omitempty"`
	// Edition, Build and Language are known on Windows: Home or Professional, 26100, ja-JP.
	Edition  string `json:"edition,omitempty"`
	Build    uint32 `json:"build,omitempty"`
	Language string `json:"language,omitempty"`
	// CapiOverrideOff is Windows' DisableCapiOverrideForRSA, by which an update of October 2025 turns smart card keys over to
	// the newer providers (1) or leaves them (0); nil where it is not set. Whether it matters to e-Tax is not known.
	CapiOverrideOff *uint64 `json:"capiOverrideOff,omitempty"`
	// RemoteSession is whether the screen is that of another computer (remote desktop): readers are then its readers.
	RemoteSession bool `json:"remoteSession,omitempty"`
	// Clock is the computer's own time, BuiltAt the time this program was built: a clock before it is wrong.
	Clock   time.Time `json:"clock"`
	BuiltAt time.Time `json:"builtAt"`
}

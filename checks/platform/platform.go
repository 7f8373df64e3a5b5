// Package platform gives probes the operating system's registry and files through two small interfaces. The real
// implementations are a few lines each. In tests, a fixture replaces them, so that the rest can be tested anywhere.
package platform

import (
	"errors"
	"io/fs"
)

// Root is a registry root that the product reads.
type Root string

// The roots.
const (
	CurrentUser  Root = "HKCU"
	LocalMachine Root = "HKLM"
)

// View is the 32- or the 64-bit view of the registry.
type View int

// The views. Every call names one, because the default view depends on the program's own bitness.
const (
	View32 View = 32
	View64 View = 64
)

// The reasons why something could not be read, the same on every operating system.
var (
	ErrAbsent    = fs.ErrNotExist
	ErrDenied    = fs.ErrPermission
	ErrWrongType = errors.New("the registry value has another type")
	ErrTooLarge  = errors.New("larger than anything of its kind")
	ErrNotAFile  = errors.New("not a regular file")
)

// Registry reads the Windows registry.
type Registry interface {
	// Text returns a string value; the name "" is the key's default value.
	Text(root Root, view View, key, name string) (string, error)
	// Number returns a DWORD or QWORD value.
	Number(root Root, view View, key, name string) (uint64, error)
	// Values lists the names of a key's values.
	Values(root Root, view View, key string) ([]string, error)
	// Keys lists the names of a key's subkeys.
	Keys(root Root, view View, key string) ([]string, error)
}

// Files reads files by their absolute path.
type Files interface {
	// Read returns a regular file's content, ErrTooLarge if it is longer than limit, ErrNotAFile for a folder or device.
	Read(path string, limit int64) ([]byte, error)
	// List returns the names in a folder.
	List(path string) ([]string, error)
	// IsFile reports whether a regular file is there, following links; the error says why that is not known.
	IsFile(path string) (bool, error)
	// Signed reports whether a program has a signature that this system trusts, without using the network; the error is
	// errors.ErrUnsupported on systems without such signatures.
	Signed(path string) (bool, error)
	// IsFolder reports whether a folder is there.
	IsFolder(path string) bool
}

// Computer is the computer that is probed.
type Computer struct {
	OS       string // Go's name
	Registry Registry
	Files    Files
	// Home and Config are the person's own folders; "" if the system has no folder of that kind.
	Home   string
	Config string // $XDG_CONFIG_HOME
	// UserDataDir is the folder that the browser which has started this program was given for its profiles; "" if none has,
	// or it uses its usual one.
	UserDataDir string
}

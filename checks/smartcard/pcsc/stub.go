//go:build !windows && !((linux || darwin) && cgo)

package pcsc

import "context"

// New returns a System that only says that it was built without PC/SC.
func New() System { return absent{} }

type absent struct{}

func (absent) Establish(context.Context) (Context, error) { return nil, ErrNotBuilt }

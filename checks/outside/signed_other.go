//go:build !windows

package outside

import "errors"

func (osFiles) Signed(string) (bool, error) { return false, errors.ErrUnsupported }

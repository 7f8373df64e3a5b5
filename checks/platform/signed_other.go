//go:build !windows

package platform

import "errors"

func (osFiles) Signed(string) (bool, error) { return false, errors.ErrUnsupported }

package platform

import (
	"errors"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

func osRegistry() Registry { return winRegistry{} }

type winRegistry struct{}

func open(root Root, view View, key string, access uint32) (registry.Key, error) {
	hive := registry.CURRENT_USER
	if root == LocalMachine {
		hive = registry.LOCAL_MACHINE
	}
	if view == View32 {
		access |= registry.WOW64_32KEY
	} else {
		access |= registry.WOW64_64KEY
	}
	k, err := registry.OpenKey(hive, key, access)
	return k, reason(err)
}

// reason turns Windows' errors into the errors of this package.
func reason(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, registry.ErrNotExist), errors.Is(err, windows.ERROR_PATH_NOT_FOUND):
		return ErrAbsent
	case errors.Is(err, windows.ERROR_ACCESS_DENIED):
		return ErrDenied
	case errors.Is(err, registry.ErrUnexpectedType):
		return ErrWrongType
	}
	return err
}

func (winRegistry) Text(root Root, view View, key, name string) (string, error) {
	k, err := open(root, view, key, registry.QUERY_VALUE)
	if err != nil {
		return "", err
	}
	defer k.Close()
	text, kind, err := k.GetStringValue(name)
	if err == nil && kind == registry.EXPAND_SZ {
		text, err = registry.ExpandString(text)
	}
	return text, reason(err)
}

func (winRegistry) Number(root Root, view View, key, name string) (uint64, error) {
	k, err := open(root, view, key, registry.QUERY_VALUE)
	if err != nil {
		return 0, err
	}
	defer k.Close()
	n, _, err := k.GetIntegerValue(name)
	return n, reason(err)
}

func (winRegistry) Values(root Root, view View, key string) ([]string, error) {
	k, err := open(root, view, key, registry.QUERY_VALUE)
	if err != nil {
		return nil, err
	}
	defer k.Close()
	names, err := k.ReadValueNames(-1)
	return names, reason(err)
}

func (winRegistry) Keys(root Root, view View, key string) ([]string, error) {
	k, err := open(root, view, key, registry.ENUMERATE_SUB_KEYS)
	if err != nil {
		return nil, err
	}
	defer k.Close()
	names, err := k.ReadSubKeyNames(-1)
	return names, reason(err)
}

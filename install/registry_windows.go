package install

import (
	"errors"
	"strings"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

func osRegistry() Registry { return windowsRegistry{} }

type windowsRegistry struct{}

func root(scope Scope) registry.Key {
	if scope == System {
		return registry.LOCAL_MACHINE
	}
	return registry.CURRENT_USER
}

func (windowsRegistry) Default(scope Scope, key string) (string, bool, error) {
	k, err := registry.OpenKey(root(scope), key, registry.QUERY_VALUE|registry.WOW64_64KEY)
	if errors.Is(err, registry.ErrNotExist) {
		return "", false, nil
	}
	if err != nil {
		return "", false, err
	}
	defer k.Close()
	value, _, err := k.GetStringValue("")
	if errors.Is(err, registry.ErrNotExist) {
		return "", false, nil
	}
	return value, err == nil, err
}

func (windowsRegistry) SetDefault(scope Scope, key, value string) error {
	k, _, err := registry.CreateKey(root(scope), key, registry.SET_VALUE|registry.WOW64_64KEY)
	if err != nil {
		return err
	}
	defer k.Close()
	return k.SetStringValue("", value)
}

func (windowsRegistry) Missing(scope Scope, key string) (missing []string, err error) {
	parts := strings.Split(key, `\`)
	for i := range parts {
		path := strings.Join(parts[:i+1], `\`)
		k, err := registry.OpenKey(root(scope), path, registry.QUERY_VALUE|registry.WOW64_64KEY)
		if errors.Is(err, registry.ErrNotExist) {
			missing = append(missing, path)
			continue
		}
		if err != nil {
			return nil, err
		}
		k.Close()
	}
	return missing, nil
}

func (windowsRegistry) DeleteDefault(scope Scope, key string) error {
	k, err := registry.OpenKey(root(scope), key, registry.SET_VALUE|registry.WOW64_64KEY)
	if errors.Is(err, registry.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer k.Close()
	if err := k.DeleteValue(""); !errors.Is(err, registry.ErrNotExist) {
		return err
	}
	return nil
}

func (windowsRegistry) Delete(scope Scope, key string) error {
	k, err := registry.OpenKey(root(scope), key, registry.QUERY_VALUE|registry.ENUMERATE_SUB_KEYS|registry.WOW64_64KEY)
	if errors.Is(err, registry.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	info, err := k.Stat()
	k.Close()
	if err != nil || info.SubKeyCount > 0 || info.ValueCount > 0 {
		return err
	}
	return windowsRegistry{}.DeleteKey(scope, key)
}

func (windowsRegistry) DeleteKey(scope Scope, key string) error {
	parent, name := "", key
	if i := strings.LastIndex(key, `\`); i >= 0 {
		parent, name = key[:i], key[i+1:]
	}
	p, err := registry.OpenKey(root(scope), parent, registry.QUERY_VALUE|registry.WOW64_64KEY)
	if err != nil {
		return err
	}
	defer p.Close()
	// registry.DeleteKey has no parameter for the view: it uses the view of the handle of the key above.
	err = registry.DeleteKey(p, name)
	if errors.Is(err, windows.ERROR_FILE_NOT_FOUND) {
		return nil
	}
	return err
}

func (windowsRegistry) Values(scope Scope, key string) (map[string]any, error) {
	k, err := registry.OpenKey(root(scope), key, registry.QUERY_VALUE|registry.WOW64_64KEY)
	if errors.Is(err, registry.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer k.Close()
	names, err := k.ReadValueNames(0)
	if err != nil {
		return nil, err
	}
	values := map[string]any{}
	for _, name := range names {
		if text, _, err := k.GetStringValue(name); err == nil {
			values[name] = text
		} else if number, _, err := k.GetIntegerValue(name); err == nil {
			values[name] = uint32(number)
		}
	}
	return values, nil
}

func (windowsRegistry) SetValues(scope Scope, key string, values map[string]any) error {
	k, _, err := registry.CreateKey(root(scope), key, registry.SET_VALUE|registry.WOW64_64KEY)
	if err != nil {
		return err
	}
	defer k.Close()
	for name, value := range values {
		switch v := value.(type) {
		case string:
			err = k.SetStringValue(name, v)
		case uint32:
			err = k.SetDWordValue(name, v)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

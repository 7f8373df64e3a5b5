package install

// registryKey is a key below the root of a scope.
type registryKey struct {
	registry Registry
	scope    Scope
	key      string
}

func (k registryKey) place() string {
	if k.scope == System {
		return `HKLM\` + k.key
	}
	return `HKCU\` + k.key
}

// setKey registers the host: it names a manifest in a key's default value.
type setKey struct {
	registryKey
	value string
}

func (setKey) kind() kind { return adds }

func (s setKey) done() bool {
	value, ok, err := s.registry.Default(s.scope, s.key)
	return err == nil && ok && value == s.value
}

func (s setKey) do() error { return s.registry.SetDefault(s.scope, s.key, s.value) }

// removeKey removes an empty key.
type removeKey struct{ registryKey }

func (removeKey) kind() kind { return removes }

func (s removeKey) done() bool {
	missing, err := s.registry.Missing(s.scope, s.key)
	return err == nil && len(missing) > 0
}

func (s removeKey) do() error { return s.registry.Delete(s.scope, s.key) }

// removeValue removes our registration from its key, and the key with it if nothing else is in it.
type removeValue struct{ registryKey }

func (removeValue) kind() kind { return removes }

func (s removeValue) done() bool {
	_, ok, err := s.registry.Default(s.scope, s.key)
	return err == nil && !ok
}

func (s removeValue) do() error {
	if err := s.registry.DeleteDefault(s.scope, s.key); err != nil {
		return err
	}
	return s.registry.Delete(s.scope, s.key)
}

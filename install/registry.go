package install

// Registry is the part of Windows' registry that an installation touches, in the 64-bit view.
type Registry interface {
	// Default reads a key's default value; ok is false where there is none.
	Default(scope Scope, key string) (value string, ok bool, err error)
	// SetDefault sets a key's default value. It makes the key and those above it if they are missing.
	SetDefault(scope Scope, key, value string) error
	// Missing lists the keys that SetDefault would have to make, the highest first.
	Missing(scope Scope, key string) ([]string, error)
	// DeleteDefault removes a key's default value.
	DeleteDefault(scope Scope, key string) error
	// Delete removes a key if it is empty. A key that has values or subkeys, or that does not exist, is no error.
	Delete(scope Scope, key string) error
	// Values reads a key's texts (string) and numbers (uint32); nil if there is no such key.
	Values(scope Scope, key string) (map[string]any, error)
	// SetValues sets them, and makes the key if it is missing.
	SetValues(scope Scope, key string, values map[string]any) error
	// DeleteKey removes a key without subkeys, with its values.
	DeleteKey(scope Scope, key string) error
}

package install

// Registry is the part of Windows' registry that an installation touches: default values of keys, in the 64-bit view.
type Registry interface {
	// Default reads a key's default value; ok is false where there is none.
	Default(scope Scope, key string) (value string, ok bool, err error)
	// SetDefault makes a key and those above it.
	SetDefault(scope Scope, key, value string) error
	// Missing lists the keys that SetDefault would have to make, the highest first.
	Missing(scope Scope, key string) ([]string, error)
	// DeleteDefault removes a key's default value.
	DeleteDefault(scope Scope, key string) error
	// Delete removes a key that is empty; one with values or keys in it, or that is not there, stays as it is.
	Delete(scope Scope, key string) error
}

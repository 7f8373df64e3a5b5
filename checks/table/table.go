// Package table reads the JSON tables that are embedded in the program: what is known of the world outside, kept apart
// from the code so that it can be added to without any.
package table

import (
	"encoding/json"
	"fmt"
	"sync"
)

// Once returns a function that decodes a table when it is first called. A table that does not decode is a mistake of
// ours and panics; tests read them all.
func Once[T any](name string, data []byte) func() T {
	return sync.OnceValue(func() (v T) {
		if err := json.Unmarshal(data, &v); err != nil {
			panic(fmt.Sprintf("the embedded table %s is broken: %v", name, err))
		}
		return v
	})
}

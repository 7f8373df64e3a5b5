// Package table reads the JSON tables that are embedded in the program. They hold what is known about other products,
// outside the code, so that entries can be added without a change of code.
package table

import (
	"encoding/json"
	"fmt"
	"sync"
)

// Once returns a function that decodes a table when it is first called. It panics if the table does not decode, which
// is a programming error; tests read all tables.
func Once[T any](name string, data []byte) func() T {
	return sync.OnceValue(func() (v T) {
		if err := json.Unmarshal(data, &v); err != nil {
			panic(fmt.Sprintf("the embedded table %s is broken: %v", name, err))
		}
		return v
	})
}

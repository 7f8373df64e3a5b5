package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"etax-doctor/checks/facts"
)

// maxReplay is far above any report, and keeps a wrong file from filling the memory.
const maxReplay = 4 << 20

// readFacts reads a facts file, or the facts in a saved report.
func readFacts(path string) (*facts.Facts, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, misused("--replay: %q cannot be opened", path)
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxReplay+1))
	if err != nil {
		return nil, misused("--replay: %q cannot be read", path)
	}
	if len(data) > maxReplay {
		return nil, misused("--replay: %q is too large to be a report of etax-doctor", path)
	}
	var saved struct {
		Schema string          `json:"schema"`
		Facts  json.RawMessage `json:"facts"`
	}
	if err := json.Unmarshal(data, &saved); err != nil {
		return nil, notOurs(path)
	}
	if saved.Schema == "" && len(saved.Facts) > 0 {
		data = saved.Facts
	}
	var f facts.Facts
	if err := json.Unmarshal(data, &f); err != nil {
		return nil, notOurs(path)
	}
	switch {
	case f.Schema == facts.Schema && !f.CollectedAt.IsZero():
		return &f, nil
	case strings.HasPrefix(f.Schema, "etax-doctor.facts/"):
		return nil, misused("--replay: %q was written by another version of etax-doctor (%s); this one reads %s", path, clean(f.Schema), facts.Schema)
	}
	return nil, notOurs(path)
}

func notOurs(path string) error {
	return misused("--replay: %q is not a facts file or report of etax-doctor", path)
}

// clean keeps a hostile file from writing control characters to the terminal.
func clean(s string) string { return strings.Trim(fmt.Sprintf("%.40q", s), `"`) }

// Package finding holds what a judge says about facts, and how one root cause is chosen out of all that was said.
package finding

import "fmt"

// Code names a finding. Codes are a contract with scripts and saved reports: append-only, never renamed or reused.
// What else is known of one stands in its room's codes.json.
type Code string

// Status is how a finding is meant.
type Status string

// The statuses. Skipped: its cause failed. Unknown: it could not be looked at, and Args["reason"] says why.
const (
	OK      Status = "ok"
	Info    Status = "info"
	Warning Status = "warning"
	Failure Status = "failure"
	Skipped Status = "skipped"
	Unknown Status = "unknown"
)

// Layer is a place on the way from the card to e-Tax.
type Layer string

// Args are the named values of a finding's text.
type Args map[string]string

// Finding is one thing a judge says.
type Finding struct {
	Code           Code   `json:"code"`
	Status         Status `json:"status"`
	Layer          Layer  `json:"layer"`
	Args           Args   `json:"args,omitempty"`
	SkippedBecause Code   `json:"skippedBecause,omitempty"`

	cause Layer // of a skipped finding, until Resolve names the code
}

// New makes a finding. A code that is not in the catalogue, or arguments that are not its own, are a programming error
// and panic.
func New(code Code, status Status, args Args) Finding {
	entry := MustLookup(code)
	for name := range args {
		if entry.Args[name] == "" {
			panic(fmt.Sprintf("finding code %q has no argument %q", code, name))
		}
	}
	for name, kind := range entry.Args {
		if _, given := args[name]; !given && !kind.Optional() {
			panic(fmt.Sprintf("finding code %q lacks its argument %q", code, name))
		}
	}
	return Finding{Code: code, Status: status, Layer: entry.Layer, Args: args}
}

// bare makes a finding whose text is not the code's own.
func bare(code Code, status Status) Finding {
	return Finding{Code: code, Status: status, Layer: MustLookup(code).Layer}
}

// NewSkipped makes a finding for what was not judged because the given layer failed.
func NewSkipped(code Code, cause Layer) Finding {
	f := bare(code, Skipped)
	f.cause = cause
	return f
}

// NewUnknown makes a finding for what could not be looked at.
func NewUnknown(code Code, reason string) Finding {
	f := bare(code, Unknown)
	f.Args = Args{"reason": reason}
	return f
}

// Resolve names the cause of every skipped finding: the worst finding of the layer it was skipped for.
func Resolve(all []Finding) {
	for i := range all {
		if all[i].Status != Skipped || all[i].cause == "" {
			continue
		}
		for _, status := range []Status{Failure, Unknown, Skipped, Warning} {
			if c, ok := first(all, func(f Finding) bool { return f.Layer == all[i].cause && f.Status == status }); ok {
				// The cause's arguments come along: its sentence is part of the skipped one's.
				all[i].SkippedBecause, all[i].Args = c.Code, c.Args
				if c.SkippedBecause != "" {
					all[i].SkippedBecause = c.SkippedBecause
				}
				break
			}
		}
	}
}

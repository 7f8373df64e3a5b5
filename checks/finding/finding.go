// Package finding defines what a judge reports about facts, and chooses one root cause among all findings.
package finding

import (
	"fmt"
	"slices"
)

// Code names a finding. Codes are a contract with scripts and saved reports: append-only, never renamed or reused.
// Everything else about a code is in its room's codes.json.
type Code string

// Status is the result that a finding reports.
type Status string

// The statuses.
const (
	OK      Status = "ok"      // nothing is wrong
	Info    Status = "info"    // good to know
	Warning Status = "warning" // it may become a fault, or is one for some
	Failure Status = "failure" // a fault
	Skipped Status = "skipped" // not judged, because a layer that it needs failed
	Unknown Status = "unknown" // it could not be checked; Args["reason"] says why
)

// Layer is a place on the path from the card to e-Tax.
type Layer string

// Args are the named values of a finding's text.
type Args map[string]string

// Finding is one result of a judge.
type Finding struct {
	Code           Code   `json:"code"`
	Status         Status `json:"status"`
	Layer          Layer  `json:"layer"`
	Args           Args   `json:"args,omitempty"`
	SkippedBecause Code   `json:"skippedBecause,omitempty"`

	cause Layer // of a skipped finding: the layer for which Resolve finds SkippedBecause
}

// New makes a finding. A code that is not in the catalogue, or arguments that are not those of the code, are
// programming errors and make it panic.
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

// withoutArgs makes a finding without the code's arguments, because its text is not the code's own.
func withoutArgs(code Code, status Status) Finding {
	return Finding{Code: code, Status: status, Layer: MustLookup(code).Layer}
}

// NewSkipped makes a finding for what was not judged because the given layer failed.
func NewSkipped(code Code, cause Layer) Finding {
	if !slices.Contains(Layers(), cause) {
		panic(fmt.Sprintf("finding code %q is skipped for layer %q, which is none", code, cause))
	}
	f := withoutArgs(code, Skipped)
	f.cause = cause
	return f
}

// NewUnknown makes a finding for what could not be checked.
func NewUnknown(code Code, reason string) Finding {
	f := withoutArgs(code, Unknown)
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
				// The cause's arguments are copied too: the text of the skipped finding contains the cause's text.
				all[i].SkippedBecause, all[i].Args = c.Code, c.Args
				if c.SkippedBecause != "" {
					all[i].SkippedBecause = c.SkippedBecause
				}
				break
			}
		}
	}
}

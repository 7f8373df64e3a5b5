// Package repair does the few repairs that a program can do on the machine, each only after the person has pressed its
// button. The list is closed. A repair that needs an administrator's rights requests them with the system's own dialog.
package repair

import (
	"context"
	"slices"
	"time"
)

// Action names a repair, as in the catalogue.
type Action string

// The actions of this version.
const (
	StartService Action = "start-service"  // the smart card service
	OpenJPKIMenu Action = "open-jpki-menu" // the menu of JPKI利用者ソフト
	OpenServices Action = "open-services"  // the services console of Windows
)

// Known reports whether an action is in the list.
func Known(a Action) bool {
	return slices.Contains([]Action{StartService, OpenJPKIMenu, OpenServices}, a)
}

// Outcome is the result of a repair. Only a new check shows whether the repair helped.
type Outcome string

// Declined: the person or the system refused the rights. Unsupported: this system does not have what the repair needs.
const (
	Done        Outcome = "done"
	Declined    Outcome = "declined"
	Failed      Outcome = "failed"
	Unsupported Outcome = "unsupported"
)

// dialogTimeout is long enough for a person to read and answer a dialog.
const dialogTimeout = 2 * time.Minute

// Do carries out a repair and returns its outcome.
func Do(ctx context.Context, a Action) Outcome {
	ctx, cancel := context.WithTimeout(ctx, dialogTimeout)
	defer cancel()
	return do(ctx, a)
}

// Package repair does the few things on the machine that can be done for a person, each only when they have pressed the
// button for it. The list is closed; what needs an administrator's rights asks for them with the system's own dialog.
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

// Outcome is what became of it. Whether it helped, only a new check tells.
type Outcome string

// Declined: the person, or the system for them, refused the rights. Unsupported: this system has no such thing.
const (
	Done        Outcome = "done"
	Declined    Outcome = "declined"
	Failed      Outcome = "failed"
	Unsupported Outcome = "unsupported"
)

// dialogTimeout is for a person who reads a dialog first.
const dialogTimeout = 2 * time.Minute

// Do does it.
func Do(ctx context.Context, a Action) Outcome {
	ctx, cancel := context.WithTimeout(ctx, dialogTimeout)
	defer cancel()
	return do(ctx, a)
}

// Package extension makes the browser extension's data part of the Go program: one catalogue of codes and one
// catalogue of texts for both, with no copies.
package extension

import "embed"

// Data holds catalog.json and _locales/<language>/messages.json.
//
//go:embed catalog.json all:_locales
var Data embed.FS

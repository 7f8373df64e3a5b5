// Package extension makes the browser extension part of the Go program, so that the program can install it.
package extension

import "embed"

// Files holds the whole unpacked extension.
//
//go:embed manifest.json *.json all:_locales background content ui shared checks/*.js icons
var Files embed.FS

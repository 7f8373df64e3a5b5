// Package extension makes the browser extension part of the Go program: its data, so that both sides have one
// catalogue of codes and no text twice, and its files, so that the program can install it.
package extension

import "embed"

// Data holds catalog.json and _locales/<language>/messages.json.
//
//go:embed catalog.json all:_locales
var Data embed.FS

// Symptoms is symptoms.json, the messages and codes that a person may see.
//
//go:embed symptoms.json
var Symptoms []byte

// Bridges is bridges.json, what is known of the bridges.
//
//go:embed bridges.json
var Bridges []byte

// Files holds the whole unpacked extension.
//
//go:embed manifest.json *.json all:_locales background content ui checks icons
var Files embed.FS

// Package extension makes the browser extension part of the Go program: its data, so that both sides have one
// catalogue of codes and no text twice, and its files, so that the program can install it.
package extension

import (
	"bytes"
	"embed"
)

// Data holds catalog.json and _locales/<language>/messages.json.
//
//go:embed catalog.json all:_locales
var Data embed.FS

//go:embed content/words.js
var words []byte

// Words is what e-Tax's pages show, as JSON: the object that content/words.js names.
func Words() []byte {
	_, object, _ := bytes.Cut(words, []byte("=\n"))
	return bytes.TrimSuffix(object, []byte(";\n"))
}

// Bridges is bridges.json, what is known of the bridges.
//
//go:embed bridges.json
var Bridges []byte

// Files holds the whole unpacked extension.
//
//go:embed manifest.json *.json all:_locales background content ui checks icons
var Files embed.FS

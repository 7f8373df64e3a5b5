// Package extension makes the browser extension part of the Go program, so that the program can install it.
package extension

import (
	"embed"
	"encoding/json"
	"fmt"
)

// Files holds the whole unpacked extension.
//
//go:embed manifest.json *.json *.gz all:_locales background content ui shared checks/*.js icons
var Files embed.FS

// Version is the version of the extension, and of the product.
func Version() string {
	var manifest struct{ Version string }
	data, err := Files.ReadFile("manifest.json")
	if err == nil {
		err = json.Unmarshal(data, &manifest)
	}
	if err != nil {
		panic(fmt.Sprintf("the embedded manifest is broken: %v", err))
	}
	return manifest.Version
}

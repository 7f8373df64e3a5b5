// Command generate makes, of the codes.json of all rooms and of the list of layers, what the program and the extension
// embed. It is run by `go generate ./host`.
package main

import (
	"log"
	"os"
	"path/filepath"
)

func main() {
	root := os.DirFS("..")
	files, err := generate(root)
	if err != nil {
		log.Fatal(err)
	}
	for path, data := range files {
		if err := os.WriteFile(filepath.Join("..", path), data, 0o644); err != nil {
			log.Fatal(err)
		}
	}
}

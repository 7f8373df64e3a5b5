// Command generate makes the files that the program and the extension embed, from the codes.json of all rooms and the
// list of layers. `go generate ./host` runs it.
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

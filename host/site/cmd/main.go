// Command cmd writes the site into a new folder: go run ./host/site/cmd FOLDER
package main

import (
	"fmt"
	"os"

	"etax-doctor/host/site"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go run ./host/site/cmd FOLDER")
		os.Exit(2)
	}
	if err := site.Write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "site:", err)
		os.Exit(1)
	}
}

// Command proof installs this product on the computer it runs on, as a person would, uses it, and removes it again:
//
//	go run ./install/proof [-packages DIR]
//
// It is for computers of a continuous integration, on the systems that are not at hand here. With the folder of the packages,
// it installs those on Windows; else it builds the program. It changes only what an installation changes, and takes that back.
// What a computer does not have (a browser, PowerShell) is said and left out.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

func main() {
	packages := flag.String("packages", "", "the folder of the packages")
	flag.Parse()
	if err := run(*packages); err != nil {
		fmt.Fprintln(os.Stderr, "proof:", err)
		os.Exit(1)
	}
}

// errNotHere says that this computer lacks what a step needs.
var errNotHere = errors.New("this computer does not have it")

type step struct {
	about string
	do    func() error
}

func run(packages string) error {
	folder, err := os.MkdirTemp("", "申告 (1)")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	steps, takeBack := ofProgram(folder)
	if packages != "" && runtime.GOOS == "windows" {
		steps, takeBack = ofPackages(packages, folder)
	}
	for _, s := range steps {
		err := s.do()
		switch {
		case errors.Is(err, errNotHere):
			fmt.Printf("not here: %s (%v)\n", s.about, err)
		case err != nil:
			takeBack()
			return fmt.Errorf("%s: %w", s.about, err)
		default:
			fmt.Println("ok:", s.about)
		}
	}
	return nil
}

// ofProgram are the steps with a program that is built from these sources, and what takes them back after an error.
func ofProgram(folder string) (steps []step, takeBack func()) {
	program := filepath.Join(folder, "etax-doctor")
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	steps = []step{
		{"the program is built", func() error { return command("go", "build", "-trimpath", "-o", program, "./host") }},
		{"it installs itself", func() error { return command(program, "install", "--lang", "ja") }},
		{"it finds its registration", func() error { return isFound(program) }},
		{"its JSON can be read", func() error { return canBeRead(program) }},
	}
	steps = append(steps, inBrowsers(program, "extension")...)
	steps = append(steps,
		step{"it removes itself", func() error { return command(program, "uninstall", "--lang", "ja") }},
		step{"nothing is left to remove", func() error { return isGone(program) }})
	return steps, func() { _ = command(program, "uninstall", "--lang", "ja") }
}

func command(name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd.Run()
}

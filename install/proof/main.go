// Command proof installs this product on the computer it runs on, as a person would, uses it, and removes it again:
//
//	go run ./install/proof
//
// It is for computers of a continuous integration, on the systems that are not at hand here; on Linux it runs the same steps. It
// changes only what an installation for one person changes, and takes that back.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/text/encoding/japanese"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "proof:", err)
		os.Exit(1)
	}
}

func run() error {
	folder, err := os.MkdirTemp("", "申告 (1)")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	program := filepath.Join(folder, "etax-doctor")
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	steps := []struct {
		about string
		do    func() error
	}{
		{"the program is built", func() error { return command("go", "build", "-trimpath", "-o", program, "./host") }},
		{"it installs itself", func() error { return command(program, "install", "--lang", "ja") }},
		{"it finds its registration", func() error { return isFound(program) }},
		{"its JSON can be read", func() error { return canBeRead(program) }},
		{"it removes itself", func() error { return command(program, "uninstall", "--lang", "ja") }},
		{"nothing is left to remove", func() error { return isGone(program) }},
	}
	defer exec.Command(program, "uninstall").Run() // after an error too
	for _, s := range steps {
		if err := s.do(); err != nil {
			return fmt.Errorf("%s: %w", s.about, err)
		}
		fmt.Println("ok:", s.about)
	}
	return nil
}

func command(name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd.Run()
}

// output is what a check says; its exit code 1 only means that a fault was found.
func output(program string, args ...string) ([]byte, error) {
	out, err := exec.Command(program, args...).Output()
	if exit, ok := err.(*exec.ExitError); ok && exit.ExitCode() == 1 {
		err = nil
	}
	return out, err
}

type report struct {
	Verdict  struct{ Code, Title string }
	Findings []struct{ Code, Status string }
}

// isFound: the check finds the registration. For an administrator it does not start what somebody without those rights may have
// registered.
func isFound(program string) error {
	out, err := output(program, "check", "--json", "--lang", "ja")
	if err != nil {
		return err
	}
	var r report
	if err := json.Unmarshal(out, &r); err != nil {
		return err
	}
	for _, f := range r.Findings {
		// On Linux, a browser that was never started has no folder to register in.
		if f.Code == "doctor.ready" || f.Code == "doctor.not-started" || f.Code == "doctor.unregistered" && runtime.GOOS == "linux" {
			return nil
		}
	}
	return fmt.Errorf("the check says nothing of it: %s", out)
}

func isGone(program string) error {
	out, err := exec.Command(program, "uninstall", "--dry-run", "--lang", "ja").Output()
	if err == nil && !strings.Contains(string(out), "変更はありません") {
		err = fmt.Errorf("%s", out)
	}
	return err
}

// canBeRead decodes the JSON as PowerShell 5.1 does on a Japanese Windows and, on Windows, lets both PowerShells read it.
func canBeRead(program string) error {
	out, err := output(program, "check", "--simulate", "expired", "--json", "--lang", "ja")
	if err != nil {
		return err
	}
	decoded, err := japanese.ShiftJIS.NewDecoder().Bytes(out)
	if err != nil {
		return err
	}
	var r report
	if err := json.Unmarshal(decoded, &r); err != nil || r.Verdict.Title == "" {
		return fmt.Errorf("%q: %w", r.Verdict.Title, err)
	}
	if runtime.GOOS != "windows" {
		return nil
	}
	script := "(& '" + strings.ReplaceAll(program, "'", "''") + "' check --simulate expired --json --lang ja | Out-String | ConvertFrom-Json).verdict.code"
	for _, shell := range []string{"powershell", "pwsh"} {
		said, err := exec.Command(shell, "-NoProfile", "-Command", script).Output()
		if err != nil || strings.TrimSpace(string(said)) != "certificate.expired" {
			return fmt.Errorf("%s said %q: %w", shell, said, err)
		}
	}
	return nil
}

package main

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"runtime"
	"strings"

	"golang.org/x/text/encoding/japanese"
)

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
	for _, shell := range []string{"powershell", "pwsh"} {
		said, err := inPowerShell(shell, "(& "+quoted(program)+" check --simulate expired --json --lang ja | Out-String | ConvertFrom-Json).verdict.code")
		if err != nil || said != "certificate.expired" {
			return fmt.Errorf("%s said %q: %w", shell, said, err)
		}
	}
	return nil
}

// inPowerShell runs a script. Wine's powershell answers nothing.
func inPowerShell(shell, script string) (string, error) {
	if here, err := exec.Command(shell, "-NoProfile", "-Command", "1").Output(); err != nil || strings.TrimSpace(string(here)) != "1" {
		return "", fmt.Errorf("%s: %w", shell, errNotHere)
	}
	said, err := exec.Command(shell, "-NoProfile", "-ExecutionPolicy", "Bypass", "-Command", script).Output()
	return strings.TrimSpace(string(said)), err
}

func quoted(path string) string { return "'" + strings.ReplaceAll(path, "'", "''") + "'" }

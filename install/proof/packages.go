package main

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// ofPackages are the steps with Windows' packages: the zip and its scripts, and both installers; and what takes them back after an
// error.
func ofPackages(packages, folder string) (steps []step, takeBack func()) {
	one := func(pattern string) string {
		found, _ := filepath.Glob(filepath.Join(packages, pattern))
		return strings.Join(found, " ") // more than one is no file
	}
	extracted := filepath.Join(folder, "展開した")
	own := filepath.Join(os.Getenv("LOCALAPPDATA"), "Programs", "etax-doctor", "etax-doctor.exe")
	everybodys := filepath.Join(os.Getenv("ProgramFiles"), "etax-doctor", "etax-doctor.exe")
	windows := "*-windows-" + runtime.GOARCH
	steps = []step{
		{"the zip is extracted", func() error { return extract(one(windows+".zip"), extracted) }},
		{"install.cmd, as a double click in Japan runs it", func() error { return script(extracted, "install.cmd") }},
		{"the check finds the registration", func() error { return isFound(own) }},
		{"its JSON can be read", func() error { return canBeRead(own) }},
	}
	steps = append(steps, inBrowsers(own, filepath.Join(filepath.Dir(own), "extension"))...)
	steps = append(steps,
		step{"uninstall.cmd", func() error { return script(extracted, "uninstall.cmd") }},
		step{"nothing is left", func() error { return gone(own) }})
	for _, msi := range []struct{ scope, program string }{{"user", own}, {"machine", everybodys}} {
		file := one(windows + "-" + msi.scope + ".msi")
		steps = append(steps,
			step{"the " + msi.scope + " installer", func() error { return command("msiexec", "/i", file, "/qn", "/norestart") }},
			step{"the check finds its registration", func() error { return isFound(msi.program) }})
		if msi.scope == "machine" {
			steps = append(steps,
				step{"an entry in the event log", func() error { return isLogged(msi.program) }},
				step{"the script for offices", func() error { return detects(filepath.Join(extracted, "office", "detect.ps1")) }})
		}
		steps = append(steps,
			step{"its removal", func() error { return command("msiexec", "/x", file, "/qn", "/norestart") }},
			step{"nothing of it is left", func() error { return gone(msi.program) }})
	}
	return steps, func() {
		_ = script(extracted, "uninstall.cmd")
		for _, scope := range []string{"user", "machine"} {
			_ = command("msiexec", "/x", one(windows+"-"+scope+".msi"), "/qn", "/norestart")
		}
	}
}

func extract(archive, folder string) error {
	r, err := zip.OpenReader(archive)
	if err != nil {
		return err
	}
	defer r.Close()
	for _, f := range r.File {
		path := filepath.Join(folder, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		in, err := f.Open()
		if err != nil {
			return err
		}
		data, err := io.ReadAll(in)
		if err := errors.Join(err, in.Close(), os.WriteFile(path, data, 0o755)); err != nil {
			return err
		}
	}
	return nil
}

// script runs a script of the zip in code page 932, without its waiting for a key.
func script(folder, name string) error {
	cmd := exec.Command("cmd", "/c", "chcp 932 >nul & "+name)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "ETAX_DOCTOR_NO_PAUSE=1")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	err := cmd.Run()
	if exit := (&exec.ExitError{}); errors.As(err, &exit) && exit.ExitCode() == 1 && name == "install.cmd" {
		return nil // its first check has found a fault of this computer
	}
	return err
}

func gone(path string) error {
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s is still there", path)
	}
	return nil
}

// isLogged writes a check's entry into the event log, and reads it there.
func isLogged(program string) error {
	since := time.Now().UTC().Format("2006-01-02T15:04:05.000Z")
	if _, err := output(program, "check", "--log-system", "--simulate", "expired"); err != nil {
		return err
	}
	said, err := inPowerShell("powershell", "(Get-WinEvent -FilterXPath \"*[System[Provider[@Name='etax-doctor'] and TimeCreated[@SystemTime>='"+since+"']]]\" -LogName Application -MaxEvents 1).ToXml()")
	if err == nil && !strings.Contains(said, "certificate.expired") {
		err = fmt.Errorf("the event log has %q", said)
	}
	return err
}

// detects runs the script that an office runs: it names a verdict.
func detects(script string) error {
	said, err := inPowerShell("powershell", "& "+quoted(script))
	if exit := (&exec.ExitError{}); errors.As(err, &exit) && exit.ExitCode() == 1 {
		err = nil // a fault of this computer
	}
	if err == nil && !strings.Contains(said, ".") {
		err = fmt.Errorf("it said %q", said)
	}
	return err
}

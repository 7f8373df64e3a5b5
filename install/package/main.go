// Command package makes all packages for distribution, from a checkout on Linux: the same checkout gives the same bytes.
// What each package contains is in the file that is named after it.
//
//	go run ./install/package -output dist
//
// It needs wixl and msibuild (deps.sh package), and the tools in tools.mod, whose many dependencies are kept apart from the
// product's. With ETAX_DOCTOR_SIGN_P12 (a PKCS #12 file) and ETAX_DOCTOR_SIGN_PASSWORD_FILE, osslsigncode signs the Windows programs
// and installers; with ETAX_DOCTOR_SIGN_TSA (the address of a time-stamping authority, RFC 3161) it has them time-stamped.
package main

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"etax-doctor/extension"
)

func main() {
	output := flag.String("output", "dist", "the folder for the packages")
	flag.Parse()
	if err := run(*output); err != nil {
		fmt.Fprintln(os.Stderr, "package:", err)
		os.Exit(1)
	}
}

// packager makes packages in the folder output; the folder work holds the files that they are made from.
type packager struct {
	output, work string
	epoch        time.Time // of all files: the commit's time
	programs     map[string]string
}

func run(output string) error {
	epoch, err := commitTime()
	if err != nil {
		return err
	}
	output, err = filepath.Abs(output)
	if err != nil {
		return err
	}
	// Only what this program has made before is replaced.
	entries, err := os.ReadDir(output)
	if err == nil && len(entries) > 0 {
		if _, err := os.Stat(filepath.Join(output, "SHA256SUMS")); err != nil {
			return fmt.Errorf("%s holds something else than packages; name another folder", output)
		}
		for _, entry := range entries {
			if name := entry.Name(); strings.HasPrefix(name, "etax-doctor") || name == "SHA256SUMS" || name == "site" {
				if err := os.RemoveAll(filepath.Join(output, name)); err != nil {
					return err
				}
			}
		}
	}
	if err := os.MkdirAll(output, 0o755); err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "package")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	if out, err := exec.Command("git", "status", "--porcelain").Output(); err == nil && len(out) > 0 {
		fmt.Fprintln(os.Stderr, "package: this checkout has changes that are not committed; the source package is without them")
	}
	p := &packager{output: output, work: work, epoch: epoch, programs: map[string]string{}}
	for _, step := range []func() error{p.build, p.licences, p.windowsZips, p.msis, p.linux, p.source, p.storeExtension, p.sboms, p.site, p.checksums} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// site is the site with a page for each code. It is for a web server, and in no package.
func (p *packager) site() error {
	return p.command(nil, "go", "run", "./host/site/cmd", filepath.Join(p.output, "site"))
}

// commitTime is SOURCE_DATE_EPOCH where it is set (reproducible-builds.org), else the time of the last commit.
func commitTime() (time.Time, error) {
	text := os.Getenv("SOURCE_DATE_EPOCH")
	if text == "" {
		out, err := exec.Command("git", "log", "-1", "--format=%ct").Output()
		if err != nil {
			return time.Time{}, fmt.Errorf("the commit's time cannot be read; set SOURCE_DATE_EPOCH: %w", err)
		}
		text = strings.TrimSpace(string(out))
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("SOURCE_DATE_EPOCH is no number: %q", text)
	}
	return time.Unix(seconds, 0).UTC(), nil
}

// targets are the programs: system, processor, whether they need cgo (for libpcsclite).
var targets = []struct {
	os, arch string
	cgo      bool
}{
	{"windows", "amd64", false},
	{"windows", "arm64", false},
	{"linux", "amd64", true},
}

func (p *packager) build() error {
	for _, t := range targets {
		name := "etax-doctor"
		if t.os == "windows" {
			name += ".exe"
		}
		program := filepath.Join(p.work, t.os+"-"+t.arch, name)
		cgo := "0"
		if t.cgo {
			cgo = "1"
		}
		if err := p.command([]string{"GOOS=" + t.os, "GOARCH=" + t.arch, "CGO_ENABLED=" + cgo},
			"go", "build", "-trimpath", "-buildvcs=false", "-buildmode=pie", // loaded at random addresses
			"-ldflags=-s -w -buildid= -X etax-doctor/host/version.builtAt="+p.epoch.Format(time.RFC3339), "-o", program, "./host"); err != nil {
			return err
		}
		if t.os == "windows" {
			if err := addResources(program); err != nil {
				return err
			}
			if err := p.sign(program); err != nil {
				return err
			}
		}
		p.programs[t.os+"-"+t.arch] = program
	}
	return nil
}

// sign signs a Windows file in place, where a certificate is given.
func (p *packager) sign(path string) error {
	certificate := os.Getenv("ETAX_DOCTOR_SIGN_P12")
	if certificate == "" {
		return nil
	}
	signed := path + ".signed"
	args := []string{"sign", "-pkcs12", certificate, "-h", "sha256", "-n", "etax-doctor", "-time", strconv.FormatInt(p.epoch.Unix(), 10), "-in", path, "-out", signed}
	if password := os.Getenv("ETAX_DOCTOR_SIGN_PASSWORD_FILE"); password != "" {
		args = append(args, "-readpass", password)
	}
	if tsa := os.Getenv("ETAX_DOCTOR_SIGN_TSA"); tsa != "" {
		args = append(args, "-ts", tsa) // without a time stamp, the signature ends with its certificate
	}
	if err := p.command(nil, "osslsigncode", args...); err != nil {
		return err
	}
	return os.Rename(signed, path)
}

// command runs a tool; its output is shown only if it fails.
func (p *packager) command(environment []string, name string, args ...string) error {
	return p.commandIn("", environment, name, args...)
}

// tool runs one of the tools in tools.mod, which is built without this computer's paths: the list of parts names its checksum.
func (p *packager) tool(environment []string, name string, args ...string) error {
	return p.command(append(environment, "GOFLAGS=-trimpath"), "go", append([]string{"tool", "-modfile=install/package/tools.mod", name}, args...)...)
}

func (p *packager) commandIn(dir string, environment []string, name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(append(os.Environ(), fmt.Sprintf("SOURCE_DATE_EPOCH=%d", p.epoch.Unix())), environment...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", name, err, out)
	}
	return nil
}

// extensionFiles calls add for each file of the extension, in order.
func extensionFiles(add func(path string, data []byte) error) error {
	return fs.WalkDir(extension.Files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := extension.Files.ReadFile(path)
		if err != nil {
			return err
		}
		return add(path, data)
	})
}

// name is the path of a package; rest is the end of its file name.
func (p *packager) name(rest string) string {
	return filepath.Join(p.output, "etax-doctor-"+extension.Version()+rest)
}

package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"etax-doctor/extension"
	"etax-doctor/manifests"
)

// deb is the Debian package: the program in /usr/bin, the unpacked extension in /usr/share, and the host's manifests where
// the browsers look for those of all users.
func (p *packager) deb() error {
	root := filepath.Join(p.work, "deb")
	const doc = "usr/share/doc/etax-doctor/"
	manifest, err := json.MarshalIndent(manifests.ForHost("/usr/bin/etax-doctor"), "", "  ")
	if err != nil {
		return err
	}
	program, err := os.ReadFile(p.programs["linux-amd64"])
	if err != nil {
		return err
	}
	licences, err := os.ReadFile(filepath.Join(p.work, "licences-debian.txt"))
	if err != nil {
		return err
	}
	licence, err := os.ReadFile("LICENSE")
	if err != nil {
		return err
	}
	completion, err := exec.Command(p.programs["linux-amd64"], "completion", "bash").Output()
	if err != nil {
		return err
	}
	changes := fmt.Sprintf("etax-doctor (%s) stable; urgency=medium\n\n  * Version %s.\n\n -- etax-doctor developers <nobody@localhost>  %s\n",
		extension.Version(), extension.Version(), p.epoch.Format(time.RFC1123Z))
	files := map[string][]byte{
		"usr/bin/etax-doctor":                               program,
		"usr/share/bash-completion/completions/etax-doctor": completion,
		"usr/share/man/man1/etax-doctor.1.gz":               gzipped(manPage),
		doc + "changelog.gz":                                gzipped(changes),
		"usr/share/lintian/overrides/etax-doctor":           []byte(overrides),
		doc + "copyright":                                   append(append([]byte("The MIT licence of etax-doctor, and below the licences of the parts that it is built with.\n\n"), licence...), licences...),
	}
	conffiles := []string{}
	for _, b := range manifests.AllBrowsers() {
		for _, folder := range b.LinuxSystem {
			path := strings.TrimPrefix(folder, "/") + "/" + manifests.ForHost("").Name + ".json"
			if files[path] == nil {
				conffiles = append(conffiles, "/"+path+"\n")
			}
			files[path] = append(manifest, '\n')
		}
	}
	if err := extensionFiles(func(path string, data []byte) error {
		files["usr/share/etax-doctor/extension/"+path] = data
		return nil
	}); err != nil {
		return err
	}
	size := 0
	for path, data := range files {
		size += len(data)
		mode := fs.FileMode(0o644)
		if path == "usr/bin/etax-doctor" {
			mode = 0o755
		}
		if err := p.put(root, path, data, mode); err != nil {
			return err
		}
	}
	control := fmt.Sprintf(`Package: etax-doctor
Version: %s
Architecture: amd64
Maintainer: etax-doctor developers <nobody@localhost>
Installed-Size: %d
Depends: libc6 (>= 2.34), libpcsclite1
Recommends: pcscd, libccid
Section: utils
Priority: optional
Description: tells why an e-Tax login with a My Number card fails
 When a person in Japan puts the My Number card on the reader and e-Tax still
 will not let them in, etax-doctor says which link is broken and what to do:
 reader, card, certificate, PIN counters, services, apps, policies. It never
 costs a PIN try, and nothing leaves the computer.
`, extension.Version(), (size+1023)/1024)
	if err := p.put(root, "DEBIAN/control", []byte(control), 0o644); err != nil {
		return err
	}
	if err := p.put(root, "DEBIAN/conffiles", []byte(strings.Join(conffiles, "")), 0o644); err != nil {
		return err
	}
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if err := os.Chmod(path, 0o755); err != nil {
				return err
			}
		}
		return os.Chtimes(path, p.epoch, p.epoch)
	})
	if err != nil {
		return err
	}
	return p.command(nil, "dpkg-deb", "--root-owner-group", "-Zxz", "--build", root, filepath.Join(p.output, "etax-doctor_"+extension.Version()+"_amd64.deb"))
}

func (p *packager) put(root, path string, data []byte, mode fs.FileMode) error {
	path = filepath.Join(root, path)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(path, data, mode); err != nil {
		return err
	}
	return os.Chmod(path, mode) // whatever the umask
}

func gzipped(text string) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return b.Bytes()
}

// overrides lists the lintian tags that we ignore: browsers look for hosts in /etc/opt, and the owner has to decide who
// maintains the package.
const overrides = `etax-doctor: dir-or-file-in-etc-opt
etax-doctor: bogus-mail-host Maintainer *
etax-doctor: bogus-mail-host-in-debian-changelog *
`

const manPage = `.TH ETAX-DOCTOR 1
.SH NAME
etax-doctor \- tells why an e-Tax login with a My Number card fails
.SH SYNOPSIS
.B etax-doctor
.I command
.RI [ options ]
.SH DESCRIPTION
The commands are check, watch, report, list, install, uninstall, version and completion.
.B etax-doctor help
.I command
explains each, in Japanese where the locale is.
.SH EXIT STATUS
0 no failure was found, 1 at least one was found, 2 the command was not understood, 3 the check could not run.
`

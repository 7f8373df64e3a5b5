package main

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"etax-doctor/extension"
	"etax-doctor/manifests"
)

// linux makes the Debian and the RPM package: the program in /usr/bin, the unpacked extension in /usr/share, and the host's
// manifests where the browsers look for those of all users.
func (p *packager) linux() error {
	root := filepath.Join(p.work, "root")
	const doc = "usr/share/doc/etax-doctor/"
	manifest, err := json.MarshalIndent(manifests.ForHost("/usr/bin/etax-doctor"), "", "  ")
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
	page, err := p.guidePage("ja", "/usr/share/etax-doctor/extension", true)
	if err != nil {
		return err
	}
	changes := fmt.Sprintf("etax-doctor (%s) stable; urgency=medium\n\n  * Version %s.\n\n -- etax-doctor developers <nobody@localhost>  %s\n",
		extension.Version(), extension.Version(), p.epoch.Format(time.RFC1123Z))
	files := map[string][]byte{
		"usr/share/bash-completion/completions/etax-doctor": completion,
		"usr/share/man/man1/etax-doctor.1.gz":               gzipped(manPage),
		"usr/share/etax-doctor/welcome.html":                page,
		doc + "changelog.gz":                                gzipped([]byte(changes)),
		"lintian":                                           []byte(overrides),
		doc + "copyright":                                   append(append([]byte("The MIT licence of etax-doctor, and below the licences of the parts that it is built with.\n\n"), licence...), licences...),
	}
	for _, b := range manifests.AllBrowsers() {
		for _, folder := range b.LinuxSystem {
			files[filepath.Join(folder, manifests.ForHost("").Name+".json")] = append(manifest, '\n')
		}
	}
	if err := extensionFiles(func(path string, data []byte) error {
		files["usr/share/etax-doctor/extension/"+path] = data
		return nil
	}); err != nil {
		return err
	}
	for path, data := range files {
		if err := p.put(root, path, data, 0o644); err != nil {
			return err
		}
	}
	program, err := os.ReadFile(p.programs["linux-amd64"])
	if err != nil {
		return err
	}
	if err := p.put(root, "usr/bin/etax-doctor", program, 0o755); err != nil {
		return err
	}
	for _, packager := range []string{"deb", "rpm"} {
		if err := p.tool([]string{"ROOT=" + root, "VERSION=" + extension.Version()}, "nfpm", "package",
			"--config", "install/package/nfpm.yaml", "--packager", packager, "--target", p.output); err != nil {
			return err
		}
	}
	return nil
}

// put writes a file with the commit's time, whatever the umask.
func (p *packager) put(root, path string, data []byte, mode fs.FileMode) error {
	path = filepath.Join(root, path)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(path, data, mode); err != nil {
		return err
	}
	if err := os.Chmod(path, mode); err != nil {
		return err
	}
	return os.Chtimes(path, p.epoch, p.epoch)
}

func gzipped(text []byte) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
	_, _ = w.Write(text)
	_ = w.Close()
	return b.Bytes()
}

// overrides lists the lintian tags that we ignore: browsers look for hosts in /etc/opt, and the owner has to decide who
// maintains the package.
const overrides = `etax-doctor: dir-or-file-in-etc-opt
etax-doctor: bogus-mail-host Maintainer *
etax-doctor: bogus-mail-host-in-debian-changelog *
`

//go:embed etax-doctor.1
var manPage []byte

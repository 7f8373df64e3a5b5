package main

import (
	"compress/gzip"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"etax-doctor/extension"
	"etax-doctor/install/licence"
)

// licences writes the licences of all modules that are in the programs.
func (p *packager) licences() error {
	modules := map[string]bool{}
	for _, program := range p.programs {
		info, err := buildinfo.ReadFile(program)
		if err != nil {
			return err
		}
		for _, m := range info.Deps {
			modules[m.Path] = true
		}
	}
	names := []string{}
	for name := range modules {
		names = append(names, name)
	}
	slices.Sort(names)
	var b, debian strings.Builder // Debian already contains some of the licences
	for _, name := range names {
		out, err := exec.Command("go", "list", "-m", "-json", name).Output()
		if err != nil {
			return fmt.Errorf("go list -m %s: %w", name, err)
		}
		var module struct{ Version, Dir string }
		if err := json.Unmarshal(out, &module); err != nil {
			return err
		}
		text, err := licence.In(module.Dir)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		fmt.Fprintf(&b, "%s %s\n\n%s\n\n", name, module.Version, strings.TrimSpace(text))
		if strings.Contains(text, "Apache License") {
			text = "Apache License, Version 2.0: see /usr/share/common-licenses/Apache-2.0"
		}
		fmt.Fprintf(&debian, "%s %s\n\n%s\n\n", name, module.Version, strings.TrimSpace(text))
	}
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return err
	}
	text, err := licence.In(strings.TrimSpace(string(goroot)))
	if err != nil {
		return fmt.Errorf("the licence of Go: %w", err)
	}
	fmt.Fprintf(&b, "Go\n\n%s\n", strings.TrimSpace(text))
	fmt.Fprintf(&debian, "Go\n\n%s\n", strings.TrimSpace(text))
	if err := os.WriteFile(filepath.Join(p.work, "licences-debian.txt"), []byte(debian.String()), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(p.work, "licences.txt"), []byte(b.String()), 0o644)
}

// source packs the tracked files, from which the program can be built on a Mac (and anywhere else).
func (p *packager) source() error {
	file, err := os.Create(p.name("-source.tar.gz"))
	if err != nil {
		return err
	}
	defer file.Close()
	packed, err := gzip.NewWriterLevel(file, gzip.BestCompression)
	if err != nil {
		return err
	}
	cmd := exec.Command("git", "archive", "--format=tar", "--prefix=etax-doctor-"+extension.Version()+"/", "HEAD")
	cmd.Stdout = packed
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("git archive: %w", err)
	}
	if err := packed.Close(); err != nil {
		return err
	}
	return file.Close()
}

// sboms writes, for each program, what it was built from, as CycloneDX JSON.
func (p *packager) sboms() error {
	for target, program := range p.programs {
		if err := p.tool(nil, "cyclonedx-gomod", "bin", "-json", "-noserial", "-notimestamp", "-std",
			"-version", "v"+extension.Version(), "-output", p.name("-"+target+".cdx.json"), program); err != nil {
			return err
		}
	}
	return nil
}

// checksums writes the checksums of all packages, in the format of sha256sum.
func (p *packager) checksums() error {
	entries, err := os.ReadDir(p.output)
	if err != nil {
		return err
	}
	var b strings.Builder
	for _, entry := range entries {
		if entry.IsDir() { // the site
			continue
		}
		file, err := os.Open(filepath.Join(p.output, entry.Name()))
		if err != nil {
			return err
		}
		sum := sha256.New()
		_, err = io.Copy(sum, file)
		file.Close()
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "%x  %s\n", sum.Sum(nil), entry.Name())
	}
	return os.WriteFile(filepath.Join(p.output, "SHA256SUMS"), []byte(b.String()), 0o644)
}

package main

import (
	"archive/zip"
	"compress/flate"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

// zipped collects the files of a zip file, which are written in the order of their names.
type zipped struct {
	files map[string]zipFile
}

type zipFile struct {
	data []byte
	mode os.FileMode
}

func newZip() *zipped { return &zipped{files: map[string]zipFile{}} }

func (z *zipped) add(name string, data []byte, mode os.FileMode) { z.files[name] = zipFile{data, mode} }

func (z *zipped) addFile(name, path string, mode os.FileMode) error {
	data, err := os.ReadFile(path)
	z.add(name, data, mode)
	return err
}

func (p *packager) writeZip(path string, z *zipped) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	w := zip.NewWriter(file)
	w.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) { return flate.NewWriter(out, flate.BestCompression) })
	names := []string{}
	for name := range z.files {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		header := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: p.epoch}
		header.SetMode(z.files[name].mode)
		out, err := w.CreateHeader(header)
		if err != nil {
			return err
		}
		if _, err := out.Write(z.files[name].data); err != nil {
			return err
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	return file.Close()
}

// windowsZips makes zips with the program, the scripts to double-click, the unpacked extension, and an office's files.
func (p *packager) windowsZips() error {
	for _, arch := range []string{"amd64", "arm64"} {
		z := newZip()
		for name, path := range map[string]string{
			"etax-doctor.exe":       p.programs["windows-"+arch],
			"install.cmd":           "install/install.cmd",
			"uninstall.cmd":         "install/uninstall.cmd",
			"LICENSE.txt":           "LICENSE",
			"LICENSES-OF-PARTS.txt": filepath.Join(p.work, "licences.txt"),
		} {
			if err := z.addFile(name, path, 0o644); err != nil {
				return err
			}
		}
		for name, language := range map[string]string{"はじめにお読みください.html": "ja", "Read me first.html": "en"} {
			page, err := p.guidePage(language, perUserExtension, false)
			if err != nil {
				return err
			}
			z.add(name, page, 0o644)
		}
		err := fs.WalkDir(os.DirFS("manifests/office"), ".", func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			return z.addFile("office/"+path, filepath.Join("manifests/office", path), 0o644)
		})
		if err != nil {
			return err
		}
		if err := extensionFiles(func(path string, data []byte) error { z.add("extension/"+path, data, 0o644); return nil }); err != nil {
			return err
		}
		if err := p.writeZip(p.name("-windows-"+arch+".zip"), z); err != nil {
			return err
		}
	}
	return nil
}

// storeExtension makes the extension's zip file for the stores: without the key that gives the unpacked extension its id.
func (p *packager) storeExtension() error {
	z := newZip()
	err := extensionFiles(func(path string, data []byte) error {
		if path == "manifest.json" {
			var manifest map[string]any
			if err := json.Unmarshal(data, &manifest); err != nil {
				return err
			}
			delete(manifest, "key")
			var err error
			if data, err = json.MarshalIndent(manifest, "", "  "); err != nil {
				return err
			}
		}
		z.add(path, data, 0o644)
		return nil
	})
	if err != nil {
		return err
	}
	return p.writeZip(p.name("-extension.zip"), z)
}

// perUserExtension is where an installation for one person puts the extension.
const perUserExtension = `%LOCALAPPDATA%\Programs\etax-doctor\extension`

// guidePage is the page with the first steps; extensionFolder is where the extension will be.
func (p *packager) guidePage(language, extensionFolder string, installed bool) ([]byte, error) {
	return exec.Command(p.programs["linux-amd64"], "guide", "--print", "--lang", language, "--extension", extensionFolder, fmt.Sprint("--installed=", installed)).Output()
}

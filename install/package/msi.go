package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"text/template"

	"github.com/google/uuid"

	"etax-doctor/extension"
	"etax-doctor/manifests"
)

// space is the UUID namespace of this product: each identifier is made from a name, and so stays the same.
var space = uuid.MustParse("6d6a0c2b-5c3f-4a58-9b43-6e1c4b8d2f10")

func guid(name string) string { return strings.ToUpper(uuid.NewSHA1(space, []byte(name)).String()) }

// msis makes installers for one person (no administrator) and for everybody. They install and register the same as
// `etax-doctor install`, but by Windows Installer, so that an office can deploy and remove them.
func (p *packager) msis() error {
	for _, perMachine := range []bool{false, true} {
		scope := "user"
		if perMachine {
			scope = "machine"
		}
		folder := filepath.Join(p.work, "msi-"+scope)
		source, err := p.wxs(folder, scope, perMachine)
		if err != nil {
			return err
		}
		wxs := filepath.Join(folder, "etax-doctor.wxs")
		if err := os.WriteFile(wxs, source, 0o644); err != nil {
			return err
		}
		output := p.name("-windows-amd64-" + scope + ".msi")
		if err := p.commandIn(folder, nil, "wixl", "--arch", "x64", "-o", output, wxs); err != nil {
			return err
		}
		if err := p.stamp(output, guid(fmt.Sprint("package:", scope, ":", extension.Version(), ":", p.epoch.Unix()))); err != nil {
			return err
		}
		if err := p.sign(output); err != nil {
			return err
		}
	}
	return nil
}

type wixFile struct{ ID, Guid, Source, Name string }

type wixFolder struct {
	ID, Name string
	Files    []wixFile
	Folders  []*wixFolder
}

// wxs writes the files into folder, and describes them in WiX's language.
func (p *packager) wxs(folder, scope string, perMachine bool) ([]byte, error) {
	files := map[string][]byte{}
	program, err := os.ReadFile(p.programs["windows-amd64"])
	if err != nil {
		return nil, err
	}
	files["etax-doctor.exe"] = program
	// On Windows, a manifest may name a program beside it.
	manifest, err := json.MarshalIndent(manifests.ForHost("etax-doctor.exe"), "", "  ")
	if err != nil {
		return nil, err
	}
	name := manifests.ForHost("").Name
	files[name+".json"] = append(manifest, '\n')
	if err := extensionFiles(func(path string, data []byte) error { files["extension/"+path] = data; return nil }); err != nil {
		return nil, err
	}
	root := &wixFolder{ID: "INSTALLDIR"}
	paths := []string{}
	for file := range files {
		paths = append(paths, file)
	}
	slices.Sort(paths)
	components := []string{}
	for _, file := range paths {
		place := filepath.Join(folder, filepath.FromSlash(file))
		if err := os.MkdirAll(filepath.Dir(place), 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(place, files[file], 0o644); err != nil {
			return nil, err
		}
		if err := os.Chtimes(place, p.epoch, p.epoch); err != nil {
			return nil, err
		}
		id := "f" + strings.ReplaceAll(guid(file), "-", "")
		root.within(path.Dir(file)).add(wixFile{id, guid(scope + ":" + file), file, path.Base(file)})
		components = append(components, id)
	}
	keys := []string{}
	for _, b := range manifests.AllBrowsers() {
		if key := b.WindowsKeys[0] + `\` + name; !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	var out strings.Builder
	err = wix.Execute(&out, map[string]any{
		"Version": extension.Version(), "PerMachine": perMachine, "Manifest": name + ".json", "Root": root, "Keys": keys, "Components": components,
		"Product": guid("product:" + scope + ":" + extension.Version()), "Upgrade": guid("upgrade:" + scope), "Registration": guid("registration:" + scope),
	})
	return []byte(out.String()), err
}

// within returns the folder at a path below, and makes it if it is missing.
func (f *wixFolder) within(dir string) *wixFolder {
	if dir == "." {
		return f
	}
	parent := f.within(path.Dir(dir))
	for _, child := range parent.Folders {
		if child.Name == path.Base(dir) {
			return child
		}
	}
	child := &wixFolder{ID: "d" + strings.ReplaceAll(guid("folder:"+dir), "-", ""), Name: path.Base(dir)}
	parent.Folders = append(parent.Folders, child)
	return child
}

func (f *wixFolder) add(file wixFile) { f.Files = append(f.Files, file) }

var wix = template.Must(template.New("wxs").Parse(`<?xml version="1.0" encoding="utf-8"?>
<Wix xmlns="http://schemas.microsoft.com/wix/2006/wi">
  <Product Id="{{.Product}}" Name="e-Tax login doctor" Language="1033" Codepage="65001" Version="{{.Version}}" Manufacturer="etax-doctor" UpgradeCode="{{.Upgrade}}">
    <Package Id="*" InstallerVersion="500" Compressed="yes" InstallScope="{{if .PerMachine}}perMachine{{else}}perUser{{end}}" SummaryCodepage="1252" />
    <MajorUpgrade DowngradeErrorMessage="A newer version is installed already." />
    <Media Id="1" Cabinet="files.cab" EmbedCab="yes" />
    <Directory Id="TARGETDIR" Name="SourceDir">
      {{- if .PerMachine}}
      <Directory Id="ProgramFiles64Folder">{{template "root" .}}</Directory>
      {{- else}}
      <Directory Id="LocalAppDataFolder"><Directory Id="PROGRAMS" Name="Programs">{{template "root" .}}</Directory></Directory>
      {{- end}}
    </Directory>
    <Feature Id="Everything" Level="1">
      {{- range .Components}}
      <ComponentRef Id="{{.}}" />
      {{- end}}
      <ComponentRef Id="Registration" />
    </Feature>
  </Product>
</Wix>
{{define "root"}}<Directory Id="INSTALLDIR" Name="etax-doctor">
  {{- template "folder" .Root}}
  <Component Id="Registration" Guid="{{.Registration}}" Win64="yes">
    {{- $root := "HKCU"}}{{if .PerMachine}}{{$root = "HKLM"}}{{end}}{{$manifest := .Manifest}}
    {{- range .Keys}}
    <RegistryValue Root="{{$root}}" Key="{{.}}" Type="string" Value="[INSTALLDIR]{{$manifest}}" />
    {{- end}}
  </Component>
</Directory>{{end}}
{{define "folder"}}
  {{- range .Files}}
  <Component Id="{{.ID}}" Guid="{{.Guid}}" Win64="yes"><File Id="{{.ID}}" Name="{{.Name}}" Source="{{.Source}}" KeyPath="yes" /></Component>
  {{- end}}
  {{- range .Folders}}
  <Directory Id="{{.ID}}" Name="{{.Name}}">{{template "folder" .}}</Directory>
  {{- end}}
{{end}}`))

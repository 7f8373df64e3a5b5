package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
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
	for _, arch := range []string{"amd64", "arm64"} {
		for _, perMachine := range []bool{false, true} {
			if err := p.msi(arch, perMachine); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *packager) msi(arch string, perMachine bool) error {
	scope := "user"
	if perMachine {
		scope = "machine"
	}
	folder := filepath.Join(p.work, "msi-"+arch+"-"+scope)
	texts := &placeholders{}
	if err := p.wxs(folder, arch, scope, perMachine, texts); err != nil {
		return err
	}
	output := p.name("-windows-" + arch + "-" + scope + ".msi")
	if err := p.commandIn(folder, nil, "wixl", "--arch", "x64", "-o", output, "etax-doctor.wxs"); err != nil {
		return err
	}
	if perMachine {
		// wixl does not know this table.
		if err := p.commandIn(folder, nil, "msibuild", output, "-i", "RemoveRegistry.idt"); err != nil {
			return err
		}
	}
	platform := map[string]string{"amd64": "x64", "arm64": "Arm64"}[arch] // as in the summary's template
	code := guid(fmt.Sprint("package:", arch, ":", scope, ":", extension.Version(), ":", p.epoch.Unix()))
	if err := p.finish(output, platform, code, texts); err != nil {
		return fmt.Errorf("%s: %w", output, err)
	}
	return p.sign(output)
}

// wixFolder is a folder; its component holds all of its files.
type wixFolder struct {
	ID, Guid, Name string
	Files          []wixFile
	Folders        []*wixFolder
}

type wixFile struct{ ID, Source, Name string }

// wxs writes the files into folder, and describes them in WiX's language.
func (p *packager) wxs(folder, arch, scope string, perMachine bool, texts *placeholders) error {
	program, err := os.ReadFile(p.programs["windows-"+arch])
	if err != nil {
		return err
	}
	// On Windows, a manifest may name a program beside it.
	manifest, err := json.MarshalIndent(manifests.ForHost("etax-doctor.exe"), "", "  ")
	if err != nil {
		return err
	}
	name := manifests.ForHost("").Name
	installed := `%LOCALAPPDATA%\Programs\etax-doctor\extension`
	if perMachine {
		installed = `%ProgramFiles%\etax-doctor\extension`
	}
	page, err := p.guidePage("ja", installed)
	if err != nil {
		return err
	}
	files := map[string][]byte{"etax-doctor.exe": program, "welcome.html": page, name + ".json": append(manifest, '\n')}
	if err := extensionFiles(func(path string, data []byte) error { files["extension/"+path] = data; return nil }); err != nil {
		return err
	}
	root := &wixFolder{ID: "INSTALLDIR", Guid: guid(scope + ":folder:.")}
	for _, file := range slices.Sorted(maps.Keys(files)) {
		if err := p.put(folder, file, files[file], 0o644); err != nil {
			return err
		}
		root.within(scope, path.Dir(file)).add(wixFile{identifier("f", file), file, path.Base(file)})
	}
	icon, err := programIcon()
	if err != nil {
		return err
	}
	var ico bytes.Buffer
	if err := icon.SaveICO(&ico); err != nil {
		return err
	}
	if err := p.put(folder, "etax-doctor.ico", ico.Bytes(), 0o644); err != nil {
		return err
	}
	keys := []string{}
	removed := "RemoveRegistry\tRoot\tKey\tName\tComponent_\r\ns72\ti2\tl255\tL255\ts72\r\nRemoveRegistry\tRemoveRegistry\r\n"
	for _, b := range manifests.AllBrowsers() {
		if key := b.WindowsKeys[0] + `\` + name; !slices.Contains(keys, key) {
			keys = append(keys, key)
			removed += fmt.Sprintf("%s\t1\t%s\t-\tRegistration\r\n", identifier("r", key), key)
		}
	}
	if err := p.put(folder, "RemoveRegistry.idt", []byte(removed), 0o644); err != nil {
		return err
	}
	var out bytes.Buffer
	if err := template.Must(template.New("wxs").Funcs(template.FuncMap{"ja": texts.hold}).Parse(wix)).Execute(&out, map[string]any{
		"Version": extension.Version(), "PerMachine": perMachine, "Manifest": name + ".json", "Root": root, "Keys": keys, "Components": root.components(perMachine),
		"Product": guid("product:" + arch + ":" + scope + ":" + extension.Version()), "Upgrade": guid("upgrade:" + scope), "Registration": guid("registration:" + scope),
		"Programs": guid("programs:" + scope), "Program": identifier("f", "etax-doctor.exe"),
	}); err != nil {
		return err
	}
	return p.put(folder, "etax-doctor.wxs", out.Bytes(), 0o644)
}

// identifier is the name of a row in a table: those have 72 characters at most.
func identifier(kind, name string) string {
	return kind + strings.ReplaceAll(guid(kind+":"+name), "-", "")
}

// within returns the folder at a path below, and makes it if it is missing.
func (f *wixFolder) within(scope, dir string) *wixFolder {
	if dir == "." {
		return f
	}
	parent := f.within(scope, path.Dir(dir))
	for _, child := range parent.Folders {
		if child.Name == path.Base(dir) {
			return child
		}
	}
	child := &wixFolder{ID: identifier("d", dir), Guid: guid(scope + ":folder:" + dir), Name: path.Base(dir)}
	parent.Folders = append(parent.Folders, child)
	return child
}

func (f *wixFolder) add(file wixFile) { f.Files = append(f.Files, file) }

// components lists the folders that have a component: for one person, even a folder with nothing but folders.
func (f *wixFolder) components(perMachine bool) (all []string) {
	if !perMachine || len(f.Files) > 0 {
		all = []string{f.ID}
	}
	for _, child := range f.Folders {
		all = append(all, child.components(perMachine)...)
	}
	return all
}

//go:embed etax-doctor.wxs.tmpl
var wix string

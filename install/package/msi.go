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
	program := identifier("f", "etax-doctor.exe")
	if err := p.commandIn(folder, nil, "msibuild", output, "-i", "RemoveRegistry.idt", // a table that wixl does not know
		// Without its version, Windows Installer would keep the older program: it takes one with a version for newer.
		"-q", "UPDATE `File` SET `Version` = '"+extension.Version()+".0', `Language` = '1041' WHERE `File` = '"+program+"'",
		"-q", "DELETE FROM `MsiFileHash` WHERE `File_` = '"+program+"'",
		// What an installation from the zip has noted.
		"-q", "INSERT INTO `RemoveFile` (`FileKey`, `Component_`, `FileName`, `DirProperty`, `InstallMode`) VALUES ('record', 'Registration', 'INSTAL~1.JSO|installed.json', 'INSTALLDIR', 3)",
		// Shows the first steps and does not wait (34 + 192). Our own program would show a console for a moment.
		"-q", "INSERT INTO `CustomAction` (`Action`, `Type`, `Source`, `Target`) VALUES ('Guide', 226, 'INSTALLDIR', '\"[System64Folder]rundll32.exe\" url.dll,FileProtocolHandler [INSTALLDIR]welcome.html')",
		// Another build of the same version is an upgrade too (msidbUpgradeAttributesVersionMaxInclusive).
		"-q", "DELETE FROM `Upgrade` WHERE `ActionProperty` = 'WIX_UPGRADE_DETECTED'",
		"-q", "INSERT INTO `Upgrade` (`UpgradeCode`, `VersionMax`, `Attributes`, `ActionProperty`) VALUES ('{"+guid("upgrade:"+scope)+"}', '"+extension.Version()+"', 513, 'WIX_UPGRADE_DETECTED')"); err != nil {
		return err
	}
	platform := map[string]string{"amd64": "x64", "arm64": "Arm64"}[arch] // as in the summary's template
	if err := p.finish(output, platform, texts); err != nil {
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
	installed := perUserExtension
	if perMachine {
		installed = `%ProgramFiles%\etax-doctor\extension`
	}
	page, err := p.guidePage("ja", installed, true)
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
	for _, b := range manifests.AllBrowsers() {
		if key := b.WindowsKeys[0] + `\` + name; !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	if err := p.put(folder, "RemoveRegistry.idt", removedKeys(keys, perMachine), 0o644); err != nil {
		return err
	}
	var out bytes.Buffer
	if err := template.Must(template.New("wxs").Funcs(template.FuncMap{"ja": texts.hold}).Parse(wix)).Execute(&out, map[string]any{
		"Version": extension.Version(), "PerMachine": perMachine, "Manifest": name + ".json", "Root": root, "Keys": keys, "Components": root.components(perMachine),
		"Product": guid(fmt.Sprint("product:", arch, ":", scope, ":", extension.Version(), ":", p.epoch.Unix())), "Upgrade": guid("upgrade:" + scope), "Registration": guid("registration:" + scope),
		"Programs": guid("programs:" + scope),
	}); err != nil {
		return err
	}
	return p.put(folder, "etax-doctor.wxs", out.Bytes(), 0o644)
}

// removedKeys is the table of the registry keys that an installation removes: the entry in Installed apps of an installation from
// the zip, and, where it is for everybody, this person's registration: Chrome looks there first.
func removedKeys(registrations []string, perMachine bool) []byte {
	const thisPerson, computer = 1, 2
	own := thisPerson
	if perMachine {
		own = computer
	}
	table := "RemoveRegistry\tRoot\tKey\tName\tComponent_\r\ns72\ti2\tl255\tL255\ts72\r\nRemoveRegistry\tRemoveRegistry\r\n"
	remove := func(root int, key string) {
		table += fmt.Sprintf("%s\t%d\t%s\t-\tRegistration\r\n", identifier("r", fmt.Sprint(root, key)), root, key)
	}
	remove(own, `SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\etax-doctor`)
	if perMachine {
		for _, key := range registrations {
			remove(thisPerson, key)
		}
	}
	return []byte(table)
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

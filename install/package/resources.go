package main

import (
	"bytes"
	"image"
	_ "image/png" // the icons' format
	"os"

	"github.com/tc-hib/winres"
	"github.com/tc-hib/winres/version"

	"etax-doctor/extension"
)

// The languages of the version information: Japanese, and English of the United States.
const (
	languageJapanese = 0x0411
	languageEnglish  = 0x0409
)

// applicationManifest asks for no rights of an administrator, and for UTF-8 and long paths.
const applicationManifest = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<assembly xmlns="urn:schemas-microsoft-com:asm.v1" manifestVersion="1.0">
  <trustInfo xmlns="urn:schemas-microsoft-com:asm.v3">
    <security><requestedPrivileges><requestedExecutionLevel level="asInvoker" uiAccess="false"/></requestedPrivileges></security>
  </trustInfo>
  <compatibility xmlns="urn:schemas-microsoft-com:compatibility.v1">
    <application><supportedOS Id="{8e0f7a12-bfb3-4fe8-b9a5-48fd50a15a9a}"/></application>
  </compatibility>
  <application xmlns="urn:schemas-microsoft-com:asm.v3">
    <windowsSettings>
      <activeCodePage xmlns="http://schemas.microsoft.com/SMI/2019/WindowsSettings">UTF-8</activeCodePage>
      <longPathAware xmlns="http://schemas.microsoft.com/SMI/2016/WindowsSettings">true</longPathAware>
    </windowsSettings>
  </application>
</assembly>
`

// addResources gives a Windows program its icon, its version in Japanese and English, and its manifest. A program without them
// looks suspicious, to people and to Windows.
func addResources(program string) error {
	resources := &winres.ResourceSet{}
	icon, err := programIcon()
	if err != nil {
		return err
	}
	if err := resources.SetIcon(winres.ID(1), icon); err != nil {
		return err
	}
	var info version.Info
	info.SetFileVersion(extension.Version())
	info.SetProductVersion(extension.Version())
	for language, name := range map[uint16]string{languageJapanese: "e-Taxログイン診断", languageEnglish: "e-Tax login doctor"} {
		for key, value := range map[string]string{
			version.FileDescription: name, version.ProductName: name, version.InternalName: "etax-doctor", version.OriginalFilename: "etax-doctor.exe",
		} {
			if err := info.Set(language, key, value); err != nil {
				return err
			}
		}
	}
	resources.SetVersionInfo(info)
	if err := resources.Set(winres.RT_MANIFEST, winres.ID(1), languageEnglish, []byte(applicationManifest)); err != nil {
		return err
	}
	data, err := os.ReadFile(program)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := resources.WriteToEXE(&out, bytes.NewReader(data)); err != nil {
		return err
	}
	return os.WriteFile(program, out.Bytes(), 0o755)
}

// programIcon is the extension's icon in all its sizes.
func programIcon() (*winres.Icon, error) {
	var images []image.Image
	for _, size := range []string{"16", "32", "48", "128"} {
		data, err := extension.Files.ReadFile("icons/" + size + ".png")
		if err != nil {
			return nil, err
		}
		picture, _, err := image.Decode(bytes.NewReader(data))
		if err != nil {
			return nil, err
		}
		images = append(images, picture)
	}
	return winres.NewIconFromImages(images)
}

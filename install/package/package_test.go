//go:build linux

package main

import (
	"archive/zip"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"etax-doctor/extension"
)

// TestPackages makes all packages twice: both times they have the same bytes, and their contents are right. With -short, once.
func TestPackages(t *testing.T) {
	for _, tool := range []string{"wixl", "msiinfo", "lintian", "rpm"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("not checked: the packages, which need %s; make test installs it", tool)
		}
	}
	t.Chdir("../..")
	t.Setenv("SOURCE_DATE_EPOCH", "1770000000")
	first, second := filepath.Join(t.TempDir(), "a"), filepath.Join(t.TempDir(), "b")
	require.NoError(t, run(first))
	sums := read(t, filepath.Join(first, "SHA256SUMS"))
	if !testing.Short() {
		require.NoError(t, run(second))
		assert.Equal(t, sums, read(t, filepath.Join(second, "SHA256SUMS")), "the same checkout gives the same bytes")
	}
	assert.Len(t, strings.Split(strings.TrimSpace(sums), "\n"), 13)

	t.Run("Windows zip", func(t *testing.T) {
		for _, arch := range []string{"amd64", "arm64"} {
			files := unzip(t, filepath.Join(first, "etax-doctor-"+extension.Version()+"-windows-"+arch+".zip"))
			for _, name := range []string{"etax-doctor.exe", "install.cmd", "uninstall.cmd", "extension/manifest.json", "office/policies/chrome.json", "office/README.md", "LICENSES-OF-PARTS.txt"} {
				assert.Contains(t, files, name)
			}
			requireWindowsProgram(t, files["etax-doctor.exe"])
			assert.Contains(t, files["はじめにお読みください.html"], "拡張機能を加える")
			assert.Contains(t, files["Read me first.html"], "Add the extension")
			assert.Contains(t, files["LICENSES-OF-PARTS.txt"], "github.com/sirupsen/logrus")
		}
	})
	t.Run("Windows installers", func(t *testing.T) {
		for _, arch := range []string{"amd64", "arm64"} {
			for _, scope := range []string{"user", "machine"} {
				requireInstaller(t, filepath.Join(first, "etax-doctor-"+extension.Version()+"-windows-"+arch+"-"+scope+".msi"), arch, scope)
			}
		}
	})
	t.Run("extension for the stores", func(t *testing.T) {
		files := unzip(t, filepath.Join(first, "etax-doctor-"+extension.Version()+"-extension.zip"))
		var manifest struct {
			Key, Version, Name, Description string
			ManifestVersion                 int `json:"manifest_version"`
			Icons                           map[string]string
			UpdateURL                       string `json:"update_url"`
		}
		require.NoError(t, json.Unmarshal([]byte(files["manifest.json"]), &manifest))
		assert.Empty(t, manifest.Key, "a store gives its own")
		assert.Empty(t, manifest.UpdateURL)
		assert.Equal(t, 3, manifest.ManifestVersion)
		for _, icon := range manifest.Icons {
			assert.Contains(t, files, icon)
		}
		for _, language := range []string{"ja", "en"} {
			var messages map[string]struct{ Message string }
			require.NoError(t, json.Unmarshal([]byte(files["_locales/"+language+"/messages.json"]), &messages))
			assert.LessOrEqual(t, utf8.RuneCountInString(messages["extension_name"].Message), 75, "the store's limit for names")
			assert.LessOrEqual(t, utf8.RuneCountInString(messages["extension_description"].Message), 132, "the store's limit for descriptions")
		}
		for name, content := range files {
			assert.NotContains(t, []string{".go", ".ts", ".map"}, filepath.Ext(name), name)
			if filepath.Ext(name) == ".js" || filepath.Ext(name) == ".html" {
				assert.NotRegexp(t, `(?:src|href)="https?:|import\s*\(?\s*["']https?:|\beval\(|new Function\(`, content, "code from elsewhere in %s", name)
			}
		}
	})
	t.Run("Debian package", func(t *testing.T) {
		deb := filepath.Join(first, "etax-doctor_"+extension.Version()+"_amd64.deb")
		out, err := exec.Command("lintian", "--allow-root", "--fail-on", "error,warning", deb).CombinedOutput()
		assert.NoError(t, err, string(out))
		root := t.TempDir()
		require.NoError(t, exec.Command("dpkg-deb", "-x", deb, root).Run())
		out, err = exec.Command(filepath.Join(root, "usr/bin/etax-doctor"), "check", "--simulate", "healthy", "--lang", "ja").CombinedOutput()
		assert.NoError(t, err, string(out))
		assert.Contains(t, read(t, filepath.Join(root, "etc/opt/chrome/native-messaging-hosts/jp.etax_doctor.json")), `"/usr/bin/etax-doctor"`)
	})
	t.Run("RPM package", func(t *testing.T) {
		rpm := filepath.Join(first, "etax-doctor-"+extension.Version()+"-1.x86_64.rpm")
		for flag, wants := range map[string][]string{
			"-ql":        {"/usr/bin/etax-doctor", "/usr/share/etax-doctor/extension/manifest.json", "/usr/share/man/man1/etax-doctor.1.gz"},
			"--requires": {"pcsc-lite-libs"},
			"-qc":        {"/etc/opt/chrome/native-messaging-hosts/jp.etax_doctor.json", "/etc/chromium/native-messaging-hosts/jp.etax_doctor.json"},
		} {
			out, err := exec.Command("rpm", "-qp", flag, rpm).CombinedOutput()
			require.NoError(t, err, string(out))
			for _, want := range wants {
				assert.Contains(t, string(out), want, flag)
			}
		}
	})
	t.Run("source", func(t *testing.T) {
		dir := t.TempDir()
		require.NoError(t, exec.Command("tar", "-xzf", filepath.Join(first, "etax-doctor-"+extension.Version()+"-source.tar.gz"), "-C", dir).Run())
		assert.FileExists(t, filepath.Join(dir, "etax-doctor-"+extension.Version(), "go.mod"))
	})
	t.Run("signed, where a certificate is given", func(t *testing.T) {
		if _, err := exec.LookPath("osslsigncode"); err != nil {
			t.Skip("not checked: signing, which needs osslsigncode")
		}
		dir := t.TempDir()
		program := filepath.Join(dir, "etax-doctor.exe")
		require.NoError(t, os.WriteFile(program, []byte(unzip(t, filepath.Join(first, "etax-doctor-"+extension.Version()+"-windows-amd64.zip"))["etax-doctor.exe"]), 0o755))
		installer := filepath.Join(dir, "etax-doctor.msi")
		require.NoError(t, os.WriteFile(installer, []byte(read(t, filepath.Join(first, "etax-doctor-"+extension.Version()+"-windows-amd64-user.msi"))), 0o644))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "password"), []byte("secret"), 0o600))
		for _, args := range [][]string{
			{"req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-subj", "/CN=EMULATE signer", "-addext", "extendedKeyUsage=codeSigning"},
			{"pkcs12", "-export", "-inkey", "key.pem", "-in", "cert.pem", "-out", "signer.p12", "-passout", "file:password"},
		} {
			cmd := exec.Command("openssl", args...)
			cmd.Dir = dir
			out, err := cmd.CombinedOutput()
			require.NoError(t, err, string(out))
		}
		t.Setenv("ETAX_DOCTOR_SIGN_P12", filepath.Join(dir, "signer.p12"))
		t.Setenv("ETAX_DOCTOR_SIGN_PASSWORD_FILE", filepath.Join(dir, "password"))
		t.Setenv("ETAX_DOCTOR_SIGN_TSA", startTSA(t, dir))
		epoch, err := commitTime()
		require.NoError(t, err)
		for _, path := range []string{program, installer} {
			require.NoError(t, (&packager{epoch: epoch}).sign(path))
			out, err := exec.Command("osslsigncode", "verify", "-CAfile", filepath.Join(dir, "cert.pem"), "-TSA-CAfile", filepath.Join(dir, "tsa.pem"), "-in", path).CombinedOutput()
			assert.NoError(t, err, string(out))
			assert.Contains(t, string(out), "EMULATE signer")
			assert.Contains(t, string(out), "EMULATE time", "time-stamped")
		}
	})
	t.Run("what they are built from", func(t *testing.T) {
		var parts struct {
			BOMFormat string
			Metadata  struct {
				Component struct{ Name, Version string }
			}
			Components []struct{ Name, Version, PURL string }
		}
		for _, target := range targets {
			require.NoError(t, json.Unmarshal([]byte(read(t, filepath.Join(first, "etax-doctor-"+extension.Version()+"-"+target.os+"-"+target.arch+".cdx.json"))), &parts))
			assert.Equal(t, "CycloneDX", parts.BOMFormat)
			assert.Equal(t, "etax-doctor v"+extension.Version(), parts.Metadata.Component.Name+" "+parts.Metadata.Component.Version)
			names := []string{}
			for _, c := range parts.Components {
				names = append(names, c.Name)
			}
			assert.Subset(t, names, []string{"std", "github.com/sirupsen/logrus"})
		}
	})
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(data)
}

func unzip(t *testing.T, path string) map[string]string {
	t.Helper()
	r, err := zip.OpenReader(path)
	require.NoError(t, err)
	defer r.Close()
	files := map[string]string{}
	for _, f := range r.File {
		in, err := f.Open()
		require.NoError(t, err)
		data, err := io.ReadAll(in)
		require.NoError(t, err)
		files[f.Name] = string(data)
	}
	return files
}

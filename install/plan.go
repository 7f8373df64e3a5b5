// Package install puts the program where it stays, registers it for the browsers found, and takes all of it away
// again. It says what it will do before it does it, and what is already as it should be is left alone.
package install

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"etax-doctor/extension"
	"etax-doctor/host/hostlog"
	"etax-doctor/manifests"
)

// Options says what to install and where.
type Options struct {
	// Program is the binary to install.
	Program string
	// UserDataDir limits the registration to one browser profile root.
	UserDataDir string
}

// Plan is a list of file operations, each of which may be repeated without harm.
type Plan struct {
	verb   string
	writes []write
	remove []string
	hint   string

	extension string // the folder of the unpacked extension
}

type write struct {
	path string
	data []byte
	mode fs.FileMode
}

// ErrUnsupported says that this operating system has no installer yet.
var ErrUnsupported = errors.New("install works on Linux in this version")

type places struct{ program, extension, logs string }

func standard() (p places, err error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return p, fmt.Errorf("the home folder is unknown: %w", err)
	}
	data := os.Getenv("XDG_DATA_HOME")
	if data == "" {
		data = filepath.Join(home, ".local", "share")
	}
	return places{
		program:   filepath.Join(home, ".local", "bin", "etax-doctor"),
		extension: filepath.Join(data, "etax-doctor", "extension"),
		logs:      filepath.Dir(hostlog.Path()),
	}, nil
}

// PlanInstall plans the copy of the program and of the unpacked extension, and a registration per browser profile.
func PlanInstall(o Options) (*Plan, error) {
	if runtime.GOOS != "linux" {
		return nil, ErrUnsupported
	}
	to, err := standard()
	if err != nil {
		return nil, err
	}
	program, err := os.ReadFile(o.Program)
	if err != nil {
		return nil, fmt.Errorf("the program cannot be read: %w", err)
	}
	p := &Plan{verb: "install", extension: to.extension}
	p.writes = append(p.writes, write{to.program, program, 0o755})
	err = fs.WalkDir(extension.Files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := extension.Files.ReadFile(path)
		p.writes = append(p.writes, write{filepath.Join(to.extension, filepath.FromSlash(path)), data, 0o644})
		return err
	})
	if err != nil {
		return nil, err
	}
	roots, err := profileRoots(o.UserDataDir)
	if err != nil {
		return nil, err
	}
	manifest, err := json.MarshalIndent(manifests.ForHost(to.program), "", "  ")
	if err != nil {
		return nil, err
	}
	for _, root := range roots {
		p.writes = append(p.writes, write{manifestPath(root), append(manifest, '\n'), 0o644})
	}
	p.hint = hint(to, len(roots))
	return p, nil
}

// PlanUninstall plans the removal of everything that PlanInstall may have written, and of the log. With a UserDataDir
// it is only the registration there: other browsers may still use the program.
func PlanUninstall(o Options) (*Plan, error) {
	if runtime.GOOS != "linux" {
		return nil, ErrUnsupported
	}
	from, err := standard()
	if err != nil {
		return nil, err
	}
	roots, err := profileRoots(o.UserDataDir)
	if err != nil {
		return nil, err
	}
	p := &Plan{verb: "uninstall"}
	for _, root := range roots {
		p.remove = append(p.remove, manifestPath(root))
	}
	if o.UserDataDir == "" {
		p.remove = append(p.remove, filepath.Dir(from.extension), from.logs, from.program)
	}
	return p, nil
}

func manifestPath(root string) string {
	return filepath.Join(root, "NativeMessagingHosts", manifests.ForHost("").Name+".json")
}

// profileRoots lists the profile roots of the browsers that have been started on this account.
func profileRoots(only string) ([]string, error) {
	if only != "" {
		absolute, err := filepath.Abs(only)
		return []string{absolute}, err
	}
	config, err := os.UserConfigDir()
	if err != nil {
		return nil, fmt.Errorf("the configuration folder is unknown: %w", err)
	}
	var roots []string
	for _, b := range manifests.Browsers() {
		for _, name := range b.Linux {
			root := filepath.Join(config, name)
			if info, err := os.Stat(root); err == nil && info.IsDir() {
				roots = append(roots, root)
			}
		}
	}
	return roots, nil
}

func hint(to places, browsers int) string {
	text := ""
	if browsers == 0 {
		text = "ブラウザーの設定フォルダーが見つかりませんでした。Chrome・Chromium・Edge を一度起動してから、もう一度実行してください。\n" +
			"No browser profile was found. Start Chrome, Chromium or Edge once and run this again.\n\n"
	}
	return text + `拡張機能の追加 / Adding the extension:
  1. chrome://extensions （Edge: edge://extensions）を開く / open it
  2. 「デベロッパー モード」をオンにする / switch on “Developer mode”
  3. 「パッケージ化されていない拡張機能を読み込む」で次のフォルダーを選ぶ / “Load unpacked”, choose:
     ` + to.extension + `
     （見つからないときは、Ctrl+L を押してこの行を貼り付ける / if it is hidden, press Ctrl+L and paste this line）
  更新したときは、一覧の「e-Taxログイン診断」の再読み込みボタンを押す / after an update, press its reload button

ブラウザーなしで調べる / checking without a browser:
  ` + to.program + " check\n"
}

// Describe says what Apply will do. A file that is already as it should be is not named; the extension's many files
// are named as one folder.
func (p *Plan) Describe(w io.Writer) {
	changes := 0
	folder := false
	for _, x := range p.writes {
		if x.done() {
			continue
		}
		changes++
		if inside := strings.HasPrefix(x.path, p.extension+string(filepath.Separator)); !inside {
			fmt.Fprintln(w, "  + "+x.path)
		} else if !folder {
			fmt.Fprintln(w, "  + "+p.extension+string(filepath.Separator))
			folder = true
		}
	}
	for _, path := range p.remove {
		if _, err := os.Lstat(path); err == nil {
			fmt.Fprintln(w, "  - "+path)
			changes++
		}
	}
	if changes == 0 {
		fmt.Fprintln(w, "変更はありません / nothing to change")
	}
}

// Apply carries the plan out. Each file is written beside its place and renamed into it, so a failure leaves no half
// written file behind.
func (p *Plan) Apply(w io.Writer) error {
	for _, x := range p.writes {
		if x.done() {
			continue
		}
		if err := x.write(); err != nil {
			return fmt.Errorf("%s: %w", p.verb, err)
		}
	}
	for _, path := range p.remove {
		if err := os.RemoveAll(path); err != nil {
			return fmt.Errorf("%s: %w", p.verb, err)
		}
	}
	if p.hint != "" {
		fmt.Fprintln(w, "\n"+p.hint)
	}
	return nil
}

func (x write) done() bool {
	info, err := os.Lstat(x.path)
	if err != nil || !info.Mode().IsRegular() || info.Mode().Perm() != x.mode {
		return false
	}
	data, err := os.ReadFile(x.path)
	return err == nil && bytes.Equal(data, x.data)
}

func (x write) write() (err error) {
	if err := os.MkdirAll(filepath.Dir(x.path), 0o755); err != nil {
		return err
	}
	temporary, err := os.CreateTemp(filepath.Dir(x.path), ".etax-doctor-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			temporary.Close()
			os.Remove(temporary.Name())
		}
	}()
	if _, err = temporary.Write(x.data); err != nil {
		return err
	}
	if err = temporary.Chmod(x.mode); err != nil {
		return err
	}
	if err = temporary.Sync(); err != nil {
		return err
	}
	if err = temporary.Close(); err != nil {
		return err
	}
	return os.Rename(temporary.Name(), x.path)
}

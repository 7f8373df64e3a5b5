// Package hostlog writes the host's log to a size-capped file in the user's own folder. It redacts personal data. It
// never writes to stdout, which carries the messages to the browser.
package hostlog

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"
	"github.com/sirupsen/logrus"
)

// MaxSize is the size limit in bytes: a full log is renamed to host.log.1, which replaces the older one.
const MaxSize = 256 << 10

// Path is the path of the log file, or "" if the home folder is unknown.
func Path() string {
	if runtime.GOOS == "windows" {
		if dir := os.Getenv("LOCALAPPDATA"); dir != "" {
			return filepath.Join(dir, "etax-doctor", "host.log")
		}
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	if runtime.GOOS == "darwin" {
		return filepath.Join(home, "Library", "Logs", "etax-doctor", "host.log")
	}
	state := os.Getenv("XDG_STATE_HOME")
	if state == "" {
		state = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(state, "etax-doctor", "host.log")
}

// Open returns a logger for the file at path, which is created at the first entry. An entry that cannot be written is
// dropped: the log must not make the host fail.
func Open(path string) logrus.FieldLogger {
	log := logrus.New()
	log.SetOutput(cappedFile(path))
	home, _ := os.UserHomeDir()
	log.SetFormatter(&redactor{home: home, next: &logrus.TextFormatter{DisableColors: true, FullTimestamp: true}})
	return log
}

// cappedFile is the path of the log. Several hosts write to it, one line at a time.
type cappedFile string

// lockTimeout is how long an entry waits while another host writes to the log.
const lockTimeout = time.Second

func (path cappedFile) Write(p []byte) (int, error) {
	_ = path.append(p)
	return len(p), nil
}

func (path cappedFile) append(p []byte) error {
	if path == "" {
		return os.ErrInvalid
	}
	if err := os.MkdirAll(filepath.Dir(string(path)), 0o700); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), lockTimeout)
	defer cancel()
	lock := flock.New(string(path)+".lock", flock.SetPermissions(0o600))
	defer lock.Close()
	if _, err := lock.TryLockContext(ctx, time.Millisecond); err != nil {
		return err
	}
	if info, err := os.Stat(string(path)); err == nil && info.Size()+int64(len(p)) > MaxSize {
		if err := os.Rename(string(path), string(path)+".1"); err != nil {
			return err
		}
	}
	file, err := os.OpenFile(string(path), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(p)
	return errors.Join(err, file.Close())
}

// redactor removes from the finished line what could identify a person: the home folder, and any run of digits and
// letters that is long enough to be a key, a certificate or a serial number.
type redactor struct {
	home string
	next logrus.Formatter
}

// personal is compiled when first needed: a host that has nothing to log should not wait for it.
var personal = sync.OnceValue(func() []*regexp.Regexp {
	return []*regexp.Regexp{
		regexp.MustCompile(`[A-Za-z0-9+/=_-]{40,}`),
		regexp.MustCompile(`(?i)\b(?:[0-9a-f]{2}[ :]?){10,}`),
		regexp.MustCompile(`\([^)]*\)`), // pcsc-lite puts a reader's serial number in parentheses
	}
})

func (r *redactor) Format(e *logrus.Entry) ([]byte, error) {
	line, err := r.next.Format(e)
	if err != nil {
		return nil, err
	}
	s := string(line)
	if len(r.home) > 1 {
		s = strings.ReplaceAll(s, r.home, "~")
	}
	for _, pattern := range personal() {
		s = pattern.ReplaceAllString(s, "[redacted]")
	}
	return []byte(s), nil
}

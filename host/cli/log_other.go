//go:build !windows

package cli

import (
	"log/syslog"

	"github.com/sirupsen/logrus"
	hook "github.com/sirupsen/logrus/hooks/syslog"
)

// systemLog is this computer's syslog.
func systemLog() (logrus.Hook, error) {
	return hook.NewSyslogHook("", "", syslog.LOG_INFO|syslog.LOG_USER, "etax-doctor")
}

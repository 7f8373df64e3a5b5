package cli

import (
	"github.com/sirupsen/logrus"
	"golang.org/x/sys/windows/svc/eventlog"
)

// systemLog is the application log of Windows. Without a registered source, Windows shows the text as it is.
func systemLog() (logrus.Hook, error) {
	log, err := eventlog.Open("etax-doctor")
	return eventLog{log}, err
}

type eventLog struct{ log *eventlog.Log }

func (eventLog) Levels() []logrus.Level { return logrus.AllLevels }

// eventID is the same for all entries: the level gives the severity.
const eventID = 1

func (e eventLog) Fire(entry *logrus.Entry) error {
	text, err := entry.String()
	if err != nil {
		return err
	}
	switch entry.Level {
	case logrus.ErrorLevel:
		return e.log.Error(eventID, text)
	case logrus.WarnLevel:
		return e.log.Warning(eventID, text)
	}
	return e.log.Info(eventID, text)
}

package cli

import (
	"io"

	"github.com/sirupsen/logrus"
	"github.com/spf13/cobra"

	"etax-doctor/checks"
	"etax-doctor/checks/finding"
	"etax-doctor/host/version"
)

// logFlags request one log entry per check, for administrators of many computers.
type logFlags struct {
	format string // text or json, on stderr; "" for none
	system bool   // syslog, or Windows' event log
}

func (l *logFlags) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&l.format, "log-format", "", "cli_flag_log_format")
	cmd.Flags().BoolVar(&l.system, "log-system", false, "cli_flag_log_system")
	choices(cmd, "log-format", []string{"text", "json"})
}

// log writes the entry: only codes, without their values.
func (a *App) log(l logFlags, r *checks.Result) error {
	if l.format == "" && !l.system {
		return nil
	}
	log := logrus.New()
	log.SetOutput(io.Discard)
	switch l.format {
	case "":
	case "json":
		log.SetFormatter(&logrus.JSONFormatter{})
		log.SetOutput(a.Stderr)
	case "text":
		log.SetFormatter(&logrus.TextFormatter{DisableColors: true, FullTimestamp: true})
		log.SetOutput(a.Stderr)
	default:
		return misused("log_format", finding.Args{"given": l.format})
	}
	if l.system {
		hook, err := systemLog()
		if err != nil {
			return misused("log_system", finding.Args{"error": err.Error()})
		}
		log.AddHook(hook)
	}
	codes := map[finding.Status][]finding.Code{}
	for _, f := range r.Findings {
		codes[f.Status] = append(codes[f.Status], f.Code)
	}
	entry := log.WithFields(logrus.Fields{"verdict": r.Verdict.Code, "layer": r.Verdict.Layer, "version": version.Version,
		"failures": codes[finding.Failure], "warnings": codes[finding.Warning], "unknown": codes[finding.Unknown]})
	if r.Facts.Simulated != "" {
		entry = entry.WithField("simulated", r.Facts.Simulated)
	}
	switch r.Verdict.Status {
	case finding.Failure:
		entry.Error("etax-doctor check")
	case finding.Warning:
		entry.Warn("etax-doctor check")
	default:
		entry.Info("etax-doctor check")
	}
	return nil
}

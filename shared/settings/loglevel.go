package settings

import (
	"fmt"
	"log/slog"
)

// logLevel names the variable. It is not Lambda's own log level: Lambda would
// drop the metrics too, which are lines of the log without a level, and the
// alarms would fall silent.
const logLevel = "LOG_LEVEL"

// LogLevel reads the level of the lines that a function logs. With an error it
// is INFO.
func LogLevel(getenv func(string) string) (slog.Level, error) {
	switch v := getenv(logLevel); v {
	case "", "INFO":
		return slog.LevelInfo, nil
	case "DEBUG":
		return slog.LevelDebug, nil
	case "WARN":
		return slog.LevelWarn, nil
	case "ERROR":
		return slog.LevelError, nil
	default:
		return slog.LevelInfo, fmt.Errorf("%s: %q; want DEBUG, INFO, WARN or ERROR", logLevel, v)
	}
}

func (r *reader) logLevel() {
	if _, err := LogLevel(r.getenv); err != nil {
		r.faults = append(r.faults, err)
	}
}

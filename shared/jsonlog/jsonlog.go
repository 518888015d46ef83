// Package jsonlog writes the log of a function: one JSON object a line, in which
// nobody's text can end a line, move the cursor of a terminal, or turn the
// direction in which a line reads.
//
// The JSON handler of log/slog escapes only the control characters that JSON
// itself forbids. Names of objects, ids of events and errors of AWS may hold
// others.
package jsonlog

import (
	"fmt"
	"io"
	"log/slog"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// New returns a logger that writes what is of this level or worse to out.
func New(out io.Writer, level slog.Level) *slog.Logger {
	return slog.New(slog.NewJSONHandler(escaper{out}, &slog.HandlerOptions{Level: level}))
}

// SetDefault makes log what the packages log and log/slog write with, too. What
// comes through package log is an error: in a function, it is the runtime that
// tells why an invocation failed.
func SetDefault(log *slog.Logger) {
	slog.SetLogLoggerLevel(slog.LevelError)
	slog.SetDefault(log)
}

// An escaper writes JSON, and escapes what may stand in a text of JSON but
// should not stand in a log.
type escaper struct{ out io.Writer }

func (e escaper) Write(line []byte) (int, error) {
	if _, err := e.out.Write(escape(line)); err != nil {
		return 0, err
	}
	return len(line), nil
}

// escape returns line with each control and format character as \uXXXX. Outside
// of its texts JSON has none but the line's end.
func escape(line []byte) []byte {
	var escaped []byte // nil while nothing had to be
	for i := 0; i < len(line); {
		r, size := utf8.DecodeRune(line[i:])
		switch {
		case invisible(r):
			if escaped == nil {
				escaped = append(make([]byte, 0, len(line)+64), line[:i]...)
			}
			for _, unit := range utf16.AppendRune(nil, r) {
				escaped = fmt.Appendf(escaped, `\u%04x`, unit)
			}
		case escaped != nil:
			escaped = append(escaped, line[i:i+size]...)
		}
		i += size
	}
	if escaped == nil {
		return line
	}
	return escaped
}

func invisible(r rune) bool {
	return r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r))
}

package stack

import (
	"bytes"
	"strings"
	"sync"
)

// A LogTail keeps the end of what the function wrote. It is an io.Writer.
type LogTail struct {
	mu   sync.Mutex
	text []byte
}

const logTailSize = 16 << 10

func (l *LogTail) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, b...)
	if excess := len(l.text) - logTailSize; excess > 0 {
		l.text = bytes.Clone(l.text[excess:])
	}
	return len(b), nil
}

// Last returns the last n lines.
func (l *LogTail) Last(n int) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	lines := strings.SplitAfter(strings.TrimRight(string(l.text), "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "")
}

package functest

import (
	"bytes"
	"sync"
)

// Output keeps what a function writes. Work that an invocation left unfinished
// may write after the answer, while a scene reads.
type Output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write keeps p.
func (o *Output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

// String is all that was written.
func (o *Output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// Len is how many bytes were written.
func (o *Output) Len() int { return len(o.String()) }

package report

import (
	"sync"

	"github.com/keysmith/keysmith/shared/batch"
	"github.com/keysmith/keysmith/shared/converge"
	"github.com/keysmith/keysmith/shared/outcome"
)

// A Memory is what one instance of a function has told of errors that usually
// resolve themselves. Such an error is reported at the first attempt; the attempts
// after it tell only what is new. An instance that does not know what an earlier
// one has told waits for what is final.
type Memory struct {
	mu   sync.Mutex
	told map[string]outcome.Code
}

// mostTold bounds what is kept. An instance that forgets reports less, and nothing final.
const mostTold = 10_000

// silent reports whether e, made of d for t, was reported by an earlier attempt. A
// direct call has no attempts that it knows of, and its caller wants an answer.
func (m *Memory) silent(d converge.Draft, e outcome.Event, t batch.Task) bool {
	failure := e.Detail.Data.Error
	if !d.Resolves || !failure.Retryable || t.Attempt <= 1 || t.Message.Direct {
		return false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	code, known := m.told[subject(e, t.Trigger)]
	return !known || code == failure.Code
}

// keep remembers that the bus accepted e.
func (m *Memory) keep(e outcome.Event, t batch.Task) {
	failure := e.Detail.Data.Error
	if failure == nil || !failure.Retryable {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.told == nil || len(m.told) >= mostTold {
		m.told = map[string]outcome.Code{}
	}
	m.told[subject(e, t.Trigger)] = failure.Code
}

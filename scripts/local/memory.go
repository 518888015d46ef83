package main

import (
	"bytes"
	"sync"
)

// memory keeps the end of what was written to it.
type memory struct {
	mu   sync.Mutex
	text []byte
}

const memorySize = 16 << 10

func (m *memory) Write(b []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.text = append(m.text, b...)
	if excess := len(m.text) - memorySize; excess > 0 {
		m.text = bytes.Clone(m.text[excess:])
	}
	return len(b), nil
}

func (m *memory) tail() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return string(m.text)
}

package wire

import (
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
)

// A Source makes ids and throws dice. The same seed gives the same sequence,
// so that a run can be repeated. It may be used from many goroutines.
type Source struct {
	mu  sync.Mutex
	rng *rand.Rand
}

// NewSource returns a Source that starts from seed.
func NewSource(seed int64) *Source {
	return &Source{rng: rand.New(rand.NewPCG(uint64(seed), 0x6b657973))} //nolint:gosec // runs must be repeatable, and no id here is a secret
}

// Float returns a number in [0, 1).
func (s *Source) Float() float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rng.Float64()
}

// Shuffle changes the order of n things.
func (s *Source) Shuffle(n int, swap func(i, j int)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rng.Shuffle(n, swap)
}

// Hex returns n hexadecimal digits.
func (s *Source) Hex(n int) string {
	b := make([]byte, (n+1)/2)
	s.mu.Lock()
	for i := range b {
		b[i] = byte(s.rng.Uint32()) //nolint:gosec // its last eight bits
	}
	s.mu.Unlock()
	return hex.EncodeToString(b)[:n]
}

// UUID returns a random id of the usual form.
func (s *Source) UUID() string {
	h := s.Hex(30)
	return fmt.Sprintf("%s-%s-4%s-a%s-%s", h[:8], h[8:12], h[12:15], h[15:18], h[18:30])
}

const base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

// Base32 returns n characters as unique ids of IAM have them.
func (s *Source) Base32(n int) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b strings.Builder
	for range n {
		b.WriteByte(base32[s.rng.IntN(len(base32))])
	}
	return b.String()
}

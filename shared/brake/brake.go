// Package brake bounds how many key policies one instance of a function changes in
// an hour. At the speed that KMS allows, a mistake that reaches every object of
// the bucket changes thousands of keys before anybody can look; with a brake it
// changes a known number of them.
package brake

import (
	"fmt"
	"sync"
	"time"
)

// Window is the time in which the changes are counted.
const Window = time.Hour

// A Brake allows a number of changes within any Window of its life. A nil Brake
// allows all. It is safe for concurrent use.
type Brake struct {
	most  int
	mu    sync.Mutex
	taken []time.Time // of the tokens that are not back yet, oldest first
}

// New returns a Brake that allows perHour changes; nil for 0, which is no brake.
func New(perHour int) *Brake {
	if perHour <= 0 {
		return nil
	}
	return &Brake{most: perHour}
}

// A Token allows one change. The zero Token is one of no brake.
type Token struct{ at time.Time }

// Take takes a token. Without one, the error is a *NoneError.
func (b *Brake) Take() (Token, error) {
	if b == nil {
		return Token{}, nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	for len(b.taken) > 0 && now.Sub(b.taken[0]) >= Window {
		b.taken = b.taken[1:]
	}
	if len(b.taken) >= b.most {
		return Token{}, &NoneError{Most: b.most, Next: b.taken[0].Add(Window)}
	}
	b.taken = append(b.taken, now)
	return Token{now}, nil
}

// Return gives back a token whose change was not made.
func (b *Brake) Return(t Token) {
	if b == nil || t == (Token{}) {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, at := range b.taken {
		if at.Equal(t.at) {
			b.taken = append(b.taken[:i:i], b.taken[i+1:]...)
			return
		}
	}
}

// A NoneError says that the brake allows no change now.
type NoneError struct {
	Most int       // changes that it allows in an hour
	Next time.Time // when it allows the next one
}

func (e *NoneError) Error() string {
	return fmt.Sprintf("this instance has changed %d key policies within an hour, which is its limit (CHANGES_PER_HOUR)", e.Most)
}

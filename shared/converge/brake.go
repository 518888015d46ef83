package converge

import (
	"errors"

	"github.com/keysmith/keysmith/shared/brake"
	"github.com/keysmith/keysmith/shared/outcome"
)

// brake takes a token for a put that changes something, once for each policy that
// the run puts. Without one the message is returned before anything is done, not even
// a copy kept: to the model this is a worker that is killed before KeepHistory.
func (r *run) brake(want desired, over served) error {
	if over.canonical.Equal(want.canonical) || r.puts.brakedFor == want.canonical.Text {
		return nil
	}
	r.releaseBrake()
	token, err := r.c.Brake.Take()
	var none *brake.NoneError
	if errors.As(err, &none) {
		v := failed(outcome.Brake, true, "%s; nothing was put: the policy is applied when the brake allows the next change", none)
		v.notBefore = none.Next
		return v
	}
	r.puts.token, r.puts.brakedFor = token, want.canonical.Text
	return nil
}

// releaseBrake gives back a token with which nothing was changed.
func (r *run) releaseBrake() {
	if r.puts.brakedFor != "" && !r.puts.tokenUsed {
		r.c.Brake.Return(r.puts.token)
	}
	r.puts.token, r.puts.brakedFor, r.puts.tokenUsed = brake.Token{}, "", false
}

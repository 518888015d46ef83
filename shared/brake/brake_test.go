package brake_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/keysmith/keysmith/shared/brake"
)

// A step waits, takes a token, and then makes its change or is refused.
type step struct {
	Wait    int // seconds
	Refused bool
}

// Whatever is taken and returned when: no hour sees more changes than allowed,
// and a caller that waits as long as the error says gets a token.
func TestNoHourSeesMoreChangesThanAllowed(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		most := rapid.IntRange(1, 4).Draw(rt, "most")
		steps := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) step {
			return step{rapid.IntRange(0, 2400).Draw(rt, "wait"), rapid.Bool().Draw(rt, "refused")}
		}), 1, 40).Draw(rt, "steps")
		var fault error
		synctest.Test(t, func(*testing.T) { fault = play(most, steps) })
		if fault != nil {
			rt.Fatal(fault)
		}
	})
}

func play(most int, steps []step) error {
	b := brake.New(most)
	var made []time.Time
	for _, s := range steps {
		time.Sleep(time.Duration(s.Wait) * time.Second)
		token, err := b.Take()
		var none *brake.NoneError
		if errors.As(err, &none) {
			if wait := time.Until(none.Next); wait <= 0 || wait > brake.Window {
				return fmt.Errorf("the next token is %s away", wait)
			}
			time.Sleep(time.Until(none.Next))
			if token, err = b.Take(); err != nil {
				return fmt.Errorf("no token when one was promised: %w", err)
			}
		}
		if s.Refused {
			b.Return(token)
			continue
		}
		made = append(made, time.Now())
		within := 0
		for _, at := range made {
			if time.Since(at) < brake.Window {
				within++
			}
		}
		if within > most {
			return fmt.Errorf("%d changes in an hour; %d are allowed", within, most)
		}
	}
	return nil
}

func TestNoBrakeAllowsEverything(t *testing.T) {
	b := brake.New(0)
	for range 1000 {
		token, err := b.Take()
		if err != nil {
			t.Fatal(err)
		}
		b.Return(token)
	}
}

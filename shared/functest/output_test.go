package functest_test

import (
	"sync"
	"testing"

	"github.com/keysmith/keysmith/shared/functest"
)

// What is written while a scene reads is kept; under the race detector, this
// test fails for an Output without a lock.
func TestAnOutputIsReadWhileItIsWritten(t *testing.T) {
	var o functest.Output
	var writers sync.WaitGroup
	for range 8 {
		writers.Go(func() {
			for range 100 {
				_, _ = o.Write([]byte("x"))
				_ = o.String()
			}
		})
	}
	writers.Wait()
	if o.Len() != 800 {
		t.Errorf("%d bytes are kept; want 800", o.Len())
	}
}

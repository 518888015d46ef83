package launch

import (
	"math"
	"runtime/debug"
	"testing"
)

func TestTheCollectorKeepsToThreeQuartersOfTheFunctionsMemory(t *testing.T) {
	before := debug.SetMemoryLimit(-1)
	defer debug.SetMemoryLimit(before)
	for name, c := range map[string]struct {
		env  map[string]string
		want int64
	}{
		"in Lambda":                  {map[string]string{"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256"}, 192 << 20},
		"with a limit of one's own":  {map[string]string{"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256", "GOMEMLIMIT": "1GiB"}, math.MaxInt64},
		"elsewhere":                  {nil, math.MaxInt64},
		"a size that is no number":   {map[string]string{"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "much"}, math.MaxInt64},
		"a size that cannot be used": {map[string]string{"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "0"}, math.MaxInt64},
	} {
		debug.SetMemoryLimit(math.MaxInt64)
		limitMemory(func(name string) string { return c.env[name] })
		if got := debug.SetMemoryLimit(-1); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

package launch

import (
	"runtime/debug"
	"strconv"
)

// limitMemory has the garbage collector keep to three quarters of the memory that
// Lambda gives the function. Otherwise it lets twice what is in use accumulate: a
// batch of large policies of many accounts, which are all in work at once, would
// exceed the function's memory, and Lambda would kill it with the whole batch. A
// limit that is set by GOMEMLIMIT stays.
func limitMemory(getenv func(string) string) {
	mb, err := strconv.Atoi(getenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"))
	if err != nil || mb <= 0 || getenv("GOMEMLIMIT") != "" {
		return
	}
	debug.SetMemoryLimit(int64(mb) << 20 / 4 * 3)
}

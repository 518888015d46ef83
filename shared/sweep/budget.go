package sweep

import (
	"cmp"
	"context"
	"time"
)

// A budget is the time of one invocation.
type budget struct {
	whole time.Duration
	end   time.Time // zero: no limit
}

func newBudget(ctx context.Context) budget {
	end, ok := ctx.Deadline()
	if !ok {
		return budget{}
	}
	return budget{time.Until(end), end}
}

// reserve is kept free for handing over: a tenth of the time, and no more than
// half a minute.
const reserve = 30 * time.Second

// left reports whether something that takes so long still fits.
func (b budget) left(takes time.Duration) bool {
	return b.end.IsZero() || time.Until(b.end) > cmp.Or(min(b.whole/10, reserve), reserve)+takes
}

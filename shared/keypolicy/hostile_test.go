package keypolicy_test

import (
	"cmp"
	"maps"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

// allocated counts the bytes that some work allocates. Like the counters of steps in
// the packages below it is the same on a slow machine and a fast one, and what grows
// with the square of a text nearly always shows in it.
func allocated(work func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	work()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// deeds are what is done to a text or a policy, each with the largest text for it and
// with how many bytes it may allocate for each of the text's: those that ask the
// decision procedure build automata of its patterns.
var deeds = map[string]struct {
	size, most int
	work       func(text []byte, p *keypolicy.Policy)
}{
	"check":     {32 << 10, 2000, func(text []byte, _ *keypolicy.Policy) { keypolicy.Check(text, benchOptions) }},
	"access":    {128 << 10, 2000, func(_ []byte, p *keypolicy.Policy) { keypolicy.CompareAccess(nil, p, provenKey) }},
	"proof":     {128 << 10, 2000, func(_ []byte, p *keypolicy.Policy) { keypolicy.NoNewAccess(nil, p, provenKey) }},
	"parse":     {128 << 10, 100, func(text []byte, _ *keypolicy.Policy) { keypolicy.Parse(text) }},
	"canonical": {128 << 10, 100, func(_ []byte, p *keypolicy.Policy) { p.Canonical("aws") }},
	"diff":      {128 << 10, 100, func(_ []byte, p *keypolicy.Policy) { keypolicy.Diff(p, p, "aws"); keypolicy.Diff(nil, p, "aws") }},
}

func TestWhatIsDoneToAHostileTextGrowsWithItsSizeAndNoFaster(t *testing.T) {
	const slack = 1 << 20 // for what is made once
	for name, deed := range deeds {
		small, large := hostileTexts(deed.size/4), hostileTexts(deed.size)
		for kind := range small {
			p, _ := keypolicy.Parse(small[kind])
			q, _ := keypolicy.Parse(large[kind])
			few := allocated(func() { deed.work(small[kind], p) })
			many := allocated(func() { deed.work(large[kind], q) })
			if many > 6*few+slack {
				t.Errorf("%s of %s: %d bytes for %d, but %d for %d", name, kind, few, len(small[kind]), many, len(large[kind]))
			}
			if most := uint64(deed.most*deed.size + slack); many > most {
				t.Errorf("%s of %s: %d bytes are allocated for a text of %d", name, kind, many, len(large[kind]))
			}
		}
	}
}

// BenchmarkHostileTexts reports for each deed how long the slowest of the texts takes,
// each at its best, so that a busy machine does not decide.
func BenchmarkHostileTexts(b *testing.B) {
	for name, deed := range deeds {
		b.Run(name, func(b *testing.B) {
			texts, best := hostileTexts(deed.size), map[string]time.Duration{}
			for b.Loop() {
				for kind, text := range texts {
					p, _ := keypolicy.Parse(text)
					start := time.Now()
					deed.work(text, p)
					if took := time.Since(start); best[kind] == 0 || took < best[kind] {
						best[kind] = took
					}
				}
			}
			slowest := slices.MaxFunc(slices.Collect(maps.Keys(best)), func(a, b string) int { return cmp.Compare(best[a], best[b]) })
			b.ReportMetric(float64(best[slowest].Microseconds())/1000, "worst-ms")
			b.Logf("the slowest text: %s", slowest)
		})
	}
}

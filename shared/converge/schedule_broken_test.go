package converge_test

import (
	"net/http"
	"strings"
	"testing"
)

// A worker is the function's own, or a broken one: it does not see some objects of the
// bucket, believes CloudTrail, or has no brake.
type worker struct {
	blind   func(*http.Request)
	believe bool
	loose   bool
}

// blinded is a way to AWS on which some requests are changed.
type blinded struct {
	next   http.RoundTripper
	change func(*http.Request)
}

func (b blinded) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	b.change(r)
	return b.next.RoundTrip(r)
}

// missing makes every object below a prefix look as if it were not there.
func missing(prefixes ...string) func(*http.Request) {
	return func(r *http.Request) {
		for _, p := range prefixes {
			if strings.Contains(r.URL.Path, "/"+p) && r.Method != http.MethodPut {
				r.URL.Path += "-missing"
			}
			if q := r.URL.Query(); strings.HasPrefix(q.Get("prefix"), p) {
				q.Set("prefix", p+"nowhere/")
				q.Del("start-after")
				r.URL.RawQuery = q.Encode()
			}
		}
	}
}

func TestBrokenWorkersOfRepairsAreFound(t *testing.T) {
	for name, c := range map[string]struct {
		worker
		plot func(*schedule)
		want string
	}{
		"one that repairs what is in sync":                    {worker{believe: true}, anything, "in sync was repaired"},
		"one that repairs a held key":                         {worker{blind: missing("holds/")}, anything, "on hold"},
		"one that fights for ever":                            {worker{blind: missing("history/")}, fights, "repairs within a day"},
		"one whose expected-previous refuses its own success": {worker{blind: missing("history/", "status/")}, anything, "refused as stale"},
		"one without a brake":                                 {worker{loose: true}, anything, "the brake allows"},
	} {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(60) {
				if strings.Contains(strings.Join(run(t, seed, c.worker, c.plot), "; "), c.want) {
					t.Logf("found with seed %d", seed)
					return
				}
			}
			t.Errorf("no schedule finds it")
		})
	}
}

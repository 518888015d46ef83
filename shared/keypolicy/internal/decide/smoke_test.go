package decide_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/decide"
	"golang.org/x/tools/txtar"
)

func TestSmoke(t *testing.T) {
	files, _ := filepath.Glob("../../testdata/aws/*.txtar")
	var names []string
	var ps []*decide.Policy
	for _, f := range files {
		b, _ := os.ReadFile(f)
		for _, x := range txtar.Parse(b).Files {
			if strings.HasSuffix(x.Name, ".json") {
				names = append(names, filepath.Base(f)+":"+x.Name)
				ps = append(ps, readPolicy(t, string(x.Data)))
			}
		}
	}
	facts := decide.Facts{Account: "111122223333", Region: "us-west-2", ID: "1234abcd-12ab-34cd-56ef-1234567890ab"}
	count := map[decide.Verdict]int{}
	for i, a := range ps {
		for j, b := range ps {
			s := decide.NewSpace(facts)
			p := s.Ask(&decide.Question{Allowed: []*decide.Compiled{s.Compile(a)}, Refused: []*decide.Compiled{s.Compile(b)}})
			count[p.Verdict]++
			if (i*7+j)%23 == 0 || p.Verdict == decide.Undecided {
				w, _ := json.Marshal(p)
				t.Log(names[i], names[j], string(w))
			}
		}
	}
	t.Log(count)
}

func BenchmarkPairs(b *testing.B) {
	files, _ := filepath.Glob("../../testdata/aws/*.txtar")
	var ps []*decide.Policy
	for _, f := range files {
		d, _ := os.ReadFile(f)
		for _, x := range txtar.Parse(d).Files {
			if strings.HasSuffix(x.Name, ".json") {
				ps = append(ps, readPolicy(b, string(x.Data)))
			}
		}
	}
	facts := decide.Facts{Account: "111122223333", Region: "us-west-2", ID: "1234abcd-12ab-34cd-56ef-1234567890ab"}
	for n := 0; b.Loop(); n++ {
		s := decide.NewSpace(facts)
		s.Ask(&decide.Question{Allowed: []*decide.Compiled{s.Compile(ps[n%len(ps)])}, Refused: []*decide.Compiled{s.Compile(ps[n/len(ps)%len(ps)])}})
	}
}

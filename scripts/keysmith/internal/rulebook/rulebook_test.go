package rulebook

import "testing"

func TestEachRuleThatIsNamedExistsAndNoNameStandsTwice(t *testing.T) {
	for _, id := range NeedAccount {
		if _, ok := ByID(id); !ok {
			t.Errorf("there is no rule %s", id)
		}
	}
	seen := map[string]bool{}
	for _, r := range All() {
		if seen[r.ID] || r.Title == "" || r.Why == "" || r.Remedy == "" || r.Chapter == "" {
			t.Errorf("rule %+v", r)
		}
		seen[r.ID] = true
	}
}

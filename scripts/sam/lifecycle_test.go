package sam_test

import (
	"fmt"
	"strings"
	"testing"
)

// What expires is what is not current any more. Only plans go as they are: they are
// made for a moment. What keysmith replaced stays for good.
func TestNoLifecycleRuleDeletesWhatIsCurrentExceptPlans(t *testing.T) {
	rules := 0
	for _, b := range load(t, nil).Buckets {
		lifecycle, _ := b.Properties["LifecycleConfiguration"].(map[string]any)
		list, _ := lifecycle["Rules"].([]any)
		for _, one := range list {
			rule, _ := one.(map[string]any)
			rules++
			prefix, _ := rule["Prefix"].(string)
			days := fmt.Sprint(rule["ExpirationInDays"])
			_, other := rule["ExpirationDate"]
			switch {
			case prefix == "plans/" && days != "30":
				t.Errorf("plans are kept for %s days", days)
			case prefix != "plans/" && (rule["ExpirationInDays"] != nil || other):
				t.Errorf("%v deletes what is current under %q", rule["Id"], prefix)
			case rule["NoncurrentVersionExpiration"] != nil && (prefix == "" || strings.HasPrefix("history/", prefix)):
				t.Errorf("%v deletes old versions under %q, history/ among them", rule["Id"], prefix)
			}
		}
	}
	if rules < 4 {
		t.Errorf("%d rules were found", rules)
	}
}

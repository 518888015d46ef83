package samtemplate

import (
	"strconv"
	"strings"
	"testing"
)

// All instances together never change more than was asked for, each may change at
// least one, and what would be less is refused before anything is deployed.
func TestEachInstanceHasItsShareOfTheBrake(t *testing.T) {
	deployed, refused := 0, 0
	for _, quota := range offered(t, "PutQuota") {
		for _, changes := range offered(t, "ChangesPerHour") {
			stack, err := Load(templateFile, Options{Parameters: map[string]string{
				"KeyArns": "arn:aws:kms:us-east-1:111122223333:key/*", "PutQuota": quota, "ChangesPerHour": changes,
			}})
			if err != nil {
				if !strings.Contains(err.Error(), "less than one change an hour") {
					t.Fatalf("%s changes, quota %s: %v", changes, quota, err)
				}
				refused++
				all, _ := strconv.Atoi(changes)
				if instances := paceOf(t, quota).Instances; all >= instances {
					t.Errorf("%s changes are refused for %d instances", changes, instances)
				}
				continue
			}
			deployed++
			f := stack.Functions[0]
			share := f.Environment["CHANGES_PER_HOUR"]
			if changes == "" {
				if share != "" {
					t.Errorf("a brake of %q that was not asked for", share)
				}
				continue
			}
			all, _ := strconv.Atoi(changes)
			one, err := strconv.Atoi(share)
			if instances := f.Sources[0].MaximumConcurrency; err != nil || one < 1 || one != all/instances {
				t.Errorf("%s changes, quota %s: %q for each of %d instances", changes, quota, share, instances)
			}
		}
	}
	if deployed == 0 || refused == 0 {
		t.Errorf("%d deployed, %d refused", deployed, refused)
	}
}

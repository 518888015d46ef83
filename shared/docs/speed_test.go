package docs_test

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/capacity"
	"github.com/keysmith/keysmith/shared/samtemplate"
)

var speedRow = regexp.MustCompile(`(?m)^\| (\d+) × (\d+) \| .*$`)

// The table says what the arithmetic makes of the template's defaults.
func TestTheSpeedOfManyAccountsIsThatOfTheTemplate(t *testing.T) {
	stack, err := samtemplate.Load(home+"/template.yaml", samtemplate.Options{Parameters: map[string]string{"KeyArns": "arn:aws:kms:us-east-1:111122223333:key/*"}})
	if err != nil {
		t.Fatal(err)
	}
	f := stack.Functions[0]
	number := func(text string) float64 {
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	interval, err := time.ParseDuration(f.Environment["VERIFY_INTERVAL"])
	if err != nil {
		t.Fatal(err)
	}
	s := capacity.Stack{
		Quota: number(stack.Parameters["PutQuota"]), Puts: number(f.Environment["PUTS_PER_SECOND"]),
		Instances: f.Sources[0].MaximumConcurrency, Batch: f.Sources[0].BatchSize,
		Proof: capacity.Proof(int(number(f.Environment["VERIFY_READS"])), interval),
	}
	for memory, where := range map[int]string{f.MemoryMB: "some %.0f keys a second", 640: "`MemorySize=640` on (%.0f/s)"} {
		if want := fmt.Sprintf(where, s.ByProcessor(memory)); !strings.Contains(read(t, "shared/docs/many-accounts.md"), want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if s.ByProcessor(640) < s.ByConcurrency() {
		t.Error("with the memory that the page asks for, the processor is what bounds a fleet")
	}
	rows := speedRow.FindAllStringSubmatch(read(t, "shared/docs/many-accounts.md"), -1)
	if len(rows) < 4 {
		t.Errorf("the table has %d rows", len(rows))
	}
	for _, row := range rows {
		places := int(number(row[1]) * number(row[2]))
		_, by := s.Allowed(places)
		want := fmt.Sprintf("| %s × %s | %.0f/s | %.0f/s | %.0f/s | %s | %.0f s |", row[1], row[2],
			s.ByQuotas(places), s.ByConcurrency(), s.Reaches(places), by, math.Round(10_000/s.Reaches(places)))
		if row[0] != want {
			t.Errorf("the page says\n%s\nand the template makes it\n%s", row[0], want)
		}
	}
}

package rulebook_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

func TestTheReadmeSaysHowManyRulesThereAre(t *testing.T) {
	text, err := os.ReadFile("../../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("%d [rules](shared/keypolicy/RULES.md)", len(keypolicy.Rules())); !strings.Contains(string(text), want) {
		t.Errorf("README.md does not have %q", want)
	}
}

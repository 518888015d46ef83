package spell_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/spell"
)

func TestTheNearestNameIsFoundAndAFarOneIsNot(t *testing.T) {
	names := slices.Values([]string{"kms:Decrypt", "kms:Encrypt", "kms:DescribeKey", "Action", "Effect", "Sid"})
	for word, want := range map[string]string{
		"kms:Decript": "kms:Decrypt", "KMS:DECRYPT": "kms:Decrypt", "kms:Ecnrypt": "kms:Encrypt", "Actoin": "Action",
		"Acton": "Action", "Efect": "Effect", "sdi": "Sid", "Resource": "", "x": "", "": "",
		"kms:DescribKeys": "kms:DescribeKey", strings.Repeat("a", 100): "",
	} {
		if got := spell.Closest(word, names); got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
}

package catalog_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"pgregory.net/rapid"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/wildcard"
)

func TestTheActionsAreTheOperationsOfTheSDKAndThreePermissions(t *testing.T) {
	operations := map[string]bool{}
	client := reflect.TypeFor[*kms.Client]()
	for i := range client.NumMethod() {
		if m := client.Method(i); m.Type.NumIn() == 4 && strings.HasSuffix(m.Type.In(2).String(), "Input") {
			operations["kms:"+m.Name] = true
		}
	}
	delete(operations, "kms:ReEncrypt") // allowed by ReEncryptFrom and ReEncryptTo
	if len(operations) < 50 {
		t.Fatalf("the SDK has %d operations", len(operations))
	}
	for _, a := range catalog.Actions() {
		if operations[a.Name] == (a.Flags&catalog.PermissionOnly != 0) {
			t.Errorf("%s: operation of the SDK is %v, permission only is %v", a.Name, operations[a.Name], a.Flags&catalog.PermissionOnly != 0)
		}
		delete(operations, a.Name)
	}
	for name := range operations {
		t.Errorf("the table lacks %s", name)
	}
}

// values lists an enumeration of the SDK.
func values[T ~string](all []T) []string {
	var out []string
	for _, v := range all {
		out = append(out, string(v))
	}
	slices.Sort(out)
	return out
}

func TestTheValuesOfConditionKeysAreThoseOfTheSDK(t *testing.T) {
	for key, want := range map[string][]string{
		"kms:KeySpec":               values(types.KeySpec("").Values()),
		"kms:CustomerMasterKeySpec": values(types.CustomerMasterKeySpec("").Values()),
		"kms:KeyUsage":              values(types.KeyUsageType("").Values()),
		"kms:KeyOrigin":             values(types.OriginType("").Values()),
		"kms:DataKeyPairSpec":       values(types.DataKeyPairSpec("").Values()),
		"kms:EncryptionAlgorithm":   values(types.EncryptionAlgorithmSpec("").Values()),
		"kms:SigningAlgorithm":      values(types.SigningAlgorithmSpec("").Values()),
		"kms:MacAlgorithm":          values(types.MacAlgorithmSpec("").Values()),
		"kms:KeyAgreementAlgorithm": values(types.KeyAgreementAlgorithmSpec("").Values()),
		"kms:MessageType":           values(types.MessageType("").Values()),
		"kms:GrantOperations":       values(types.GrantOperation("").Values()),
		"kms:ExpirationModel":       values(types.ExpirationModelType("").Values()),
		"kms:WrappingAlgorithm":     values(types.AlgorithmSpec("").Values()),
		"kms:WrappingKeySpec":       values(types.WrappingKeySpec("").Values()),
		"kms:MultiRegionKeyType":    values(types.MultiRegionKeyType("").Values()),
	} {
		got := strings.Split(catalog.LookupKey(key).Values, "|")
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("%s: %v, the SDK has %v", key, got, want)
		}
	}
}

func TestTheTablesAreSortedAndInSmallLetters(t *testing.T) {
	actions, keys := catalog.Actions(), catalog.Keys()
	if !slices.IsSortedFunc(actions, func(a, b catalog.Action) int { return strings.Compare(a.Lower, b.Lower) }) {
		t.Error("the actions are not sorted")
	}
	if !slices.IsSortedFunc(keys, func(a, b catalog.Key) int { return strings.Compare(a.Lower, b.Lower) }) {
		t.Error("the condition keys are not sorted")
	}
	if !slices.IsSorted(catalog.ViaServices()) {
		t.Error("the services are not sorted")
	}
	var ineffective, foreign catalog.Set
	for i, a := range actions {
		if a.Lower != strings.ToLower(a.Name) {
			t.Errorf("%s has the small letters %s", a.Name, a.Lower)
		}
		if a.Flags&catalog.IAMOnly != 0 {
			ineffective |= 1 << i
		}
		if a.Flags&catalog.CrossAccount != 0 {
			foreign |= 1 << i
		}
	}
	if ineffective != catalog.Ineffective || foreign != catalog.Foreign || catalog.Ineffective.Len() != 12 || catalog.Foreign.Len() != 22 {
		t.Errorf("the sets are %v and %v", ineffective.Names(), foreign.Names())
	}
	for _, k := range keys {
		if k.Lower != strings.ToLower(k.Name) || k.Has(catalog.Deprecated) != (k.Instead != "") {
			t.Errorf("condition key %+v", k)
		}
	}
}

func TestOfTheActionsThoseAreUsableThatTheTableSays(t *testing.T) {
	for u := catalog.AnyKey; u <= catalog.MultiRegion; u++ {
		set := catalog.Usable(func(v catalog.Usage) bool { return u == v })
		for i, a := range catalog.Actions() {
			if want := a.Usage == catalog.AnyKey || a.Usage == u; set.Has(1<<i) != want {
				t.Errorf("usage %d, %s: %v, want %v", u, a.Name, !want, want)
			}
		}
	}
}

func TestEveryConditionKeyIsFoundInAnyCase(t *testing.T) {
	for _, k := range catalog.Keys() {
		name := strings.ToUpper(k.Name)
		if k.Has(catalog.Prefix) {
			name += "some:thing/else"
		}
		if found := catalog.LookupKey(name); found == nil || found.Name != k.Name {
			t.Errorf("%s: found %v", name, found)
		}
	}
	for _, name := range []string{"", ":", "/", "aws:", "kms:encryptioncontext", "aws:resourcetag", "aws:nothing/x", "kms:viaservice:x", "kms:viaservice/x"} {
		if found := catalog.LookupKey(name); found != nil {
			t.Errorf("%q: found %v", name, found.Name)
		}
	}
}

func TestAPatternStandsForWhatItMatches(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.SampledFrom(catalog.Actions()).Draw(t, "action")
		pattern := []byte(a.Name)
		for range rapid.IntRange(0, 3).Draw(t, "wildcards") {
			i := rapid.IntRange(0, len(pattern)-1).Draw(t, "at")
			pattern[i] = rapid.SampledFrom([]byte("*?")).Draw(t, "wildcard")
		}
		cut := rapid.IntRange(1, len(pattern)).Draw(t, "cut")
		text := string(pattern)
		if rapid.Bool().Draw(t, "shorten") {
			text = string(pattern[:cut]) + "*"
		}
		for i, known := range catalog.Actions() {
			want := wildcard.Match(strings.ToLower(text), known.Lower)
			set, _ := catalog.Match(text)
			if got := set.Has(1 << i); got != want {
				t.Fatalf("%s and %s: %v, want %v", text, known.Name, got, want)
			}
		}
	})
}

func TestNamesAfterTheLastOfALetterMatchNothing(t *testing.T) {
	for letter := 'a'; letter <= 'z'; letter++ {
		for _, rest := range []string{"zz", "zz*", "~*", "z"} {
			if set, _ := catalog.Match("kms:" + string(letter) + rest); set != 0 {
				t.Errorf("kms:%c%s matches %v", letter, rest, set.Names())
			}
		}
	}
	for _, text := range []string{"kms:verifymaC", "KMS:VERIFYMAC", "kms:VerifyMac"} {
		if set, _ := catalog.Match(text); set != catalog.VerifyMac {
			t.Errorf("%s matches %v", text, set.Names())
		}
	}
}

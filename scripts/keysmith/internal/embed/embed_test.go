package embed

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// A word that stands once in a document must be found at its place, whatever
// stands around it and however its characters are written.
func TestAPlaceInATextIsThePlaceInTheDocument(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		noise := rapid.StringOf(rapid.SampledFrom([]rune("aé\"\\\n\t ü😀/{}[]:,"))).Draw(t, "noise")
		policy, _ := json.Marshal(map[string]any{"A": noise, "B": []any{1, true, nil, "NEEDLE"}})
		indent := rapid.SampledFrom([]string{"", " ", "\t"}).Draw(t, "indent")
		inString := rapid.Bool().Draw(t, "in a string")
		var document any
		if inString {
			document = map[string]any{"format_version": "1.2", "values": map[string]any{"root_module": map[string]any{"resources": []any{
				map[string]any{"address": noise, "type": "aws_kms_key", "values": map[string]any{"policy": string(policy)}}}}}}
		} else {
			document = map[string]any{"Description": noise, "Resources": map[string]any{"Key": map[string]any{
				"Type": "AWS::KMS::Key", "Properties": map[string]any{"KeyPolicy": json.RawMessage(policy)}}}}
		}
		text, _ := json.MarshalIndent(document, "", indent)
		d, ok := Find(text)
		if !ok || len(d.Policies) != 1 {
			t.Fatalf("found %+v in %s", d, text)
		}
		got := d.Policies[0].Text(Facts{})
		line, column := placeOf(string(got.Bytes), `"NEEDLE`)
		place := got.Place(line, column)
		wantLine, wantColumn := placeOf(string(text), map[bool]string{true: `\"NEEDLE`, false: `"NEEDLE`}[inString])
		if place != (Place{wantLine, wantColumn}) {
			t.Fatalf("%+v, want %d:%d in %s", place, wantLine, wantColumn, text)
		}
	})
}

func placeOf(text, word string) (line, column int) {
	before, _, _ := strings.Cut(text, word)
	return strings.Count(before, "\n") + 1, len([]rune(before[strings.LastIndex(before, "\n")+1:])) + 1
}

func TestFunctionsAreEvaluatedOnlyWhereEverythingIsKnown(t *testing.T) {
	facts := Facts{Account: "111122223333", Region: "eu-west-1"}
	for _, test := range []struct{ value, want string }{
		{`!Ref AWS::AccountId`, `"111122223333"`},
		{`!Sub "${AWS::Partition} ${AWS::Region} ${AWS::URLSuffix}"`, `"aws eu-west-1 amazonaws.com"`},
		{`!Sub "${!aws:username}"`, `"${aws:username}"`},
		{`!Sub ["${A}-${B}", {A: x, B: !Ref AWS::Region}]`, `"x-eu-west-1"`},
		{`{"Fn::Join": [":", [a, {Ref: AWS::Region}, b]]}`, `"a:eu-west-1:b"`},
		{`!Sub "${Parameter}"`, ``},
		{`!Join [":", [a, !Ref Parameter]]`, ``},
		{`!Join [":", !Ref Names]`, ``},
		{`!GetAtt Role.Arn`, ``},
		{`{"Fn::ImportValue": x}`, ``},
		{`!Ref AWS::StackName`, ``},
		{`!Base64 x`, ``},
		{`2012-10-17`, `"2012-10-17"`},
		{`0123`, `"0123"`},
		{`123`, `123`},
		{`yes`, `"yes"`},
		{`true`, `true`},
	} {
		d, ok := Find(fmt.Appendf(nil, "Resources:\n  K:\n    Type: AWS::KMS::Key\n    Properties:\n      KeyPolicy:\n        Id: %s\n", test.value))
		if !ok || len(d.Policies) != 1 {
			t.Fatalf("%s: %+v", test.value, d)
		}
		got := d.Policies[0].Text(facts)
		if test.want == "" {
			if len(got.Unknown) != 1 || got.Unknown[0].Path != "Id" || got.Unknown[0].Place != (Place{6, 13}) {
				t.Errorf("%s: %s, unknown %+v", test.value, got.Bytes, got.Unknown)
			}
			continue
		}
		if text := string(got.Bytes); text != `{"Id":`+test.want+`}` || len(got.Unknown) > 0 {
			t.Errorf("%s: %s", test.value, text)
		}
	}
}

// Each level stands for ten of the one before: nobody could hold the last.
func TestAliasesCannotFillTheMemory(t *testing.T) {
	var b strings.Builder
	b.WriteString("x0: &x0 AWS::KMS::Key\n")
	for i := range 20 {
		fmt.Fprintf(&b, "x%d: &x%d [%s]\n", i+1, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*x%d, ", i), 10), ", "))
	}
	b.WriteString("Resources: *x20\n")
	if d, ok := Find([]byte(b.String())); ok {
		t.Errorf("found %d policies", len(d.Policies))
	}
}

func FuzzFind(f *testing.F) {
	f.Add([]byte(`{"Resources": {"K": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Statement": [{"Ref": "AWS::NoValue"}]}}}}}`))
	f.Add([]byte("Resources:\n  K: {Type: AWS::KMS::Key, Properties: {KeyPolicy: !Sub [a, {b: c}]}}\n"))
	f.Add([]byte(`{"format_version": "1", "values": {"root_module": {"resources": [{"type": "aws_kms_key", "values": {"policy": "\u00e9\\\""}}]}}}`))
	f.Fuzz(func(t *testing.T, document []byte) {
		d, _ := Find(document)
		for _, p := range d.Policies {
			text := p.Text(Facts{})
			for _, column := range []int{0, 1, len(text.Bytes), 1 << 20} {
				if at := text.Place(1, column); at.Line < 1 || at.Column < 1 {
					t.Errorf("place %+v", at)
				}
			}
		}
	})
}

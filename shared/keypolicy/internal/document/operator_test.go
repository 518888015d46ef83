package document_test

import (
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
)

// TestOperatorsAreWhatTheirNamesSay holds the table against the names, which IAM makes of
// what is compared, whether it is negated, and how.
func TestOperatorsAreWhatTheirNamesSay(t *testing.T) {
	families := map[string]catalog.Type{
		"String": catalog.String, "Arn": catalog.ARN, "Bool": catalog.Bool, "Null": catalog.Bool, "Ip": catalog.IP, "NotIp": catalog.IP,
		"Numeric": catalog.Numeric, "Date": catalog.Date, "Binary": catalog.String,
	}
	comparisons := map[string]document.Comparison{
		"Equals": document.Equals, "EqualsIgnoreCase": document.EqualsIgnoreCase, "Like": document.Like, "LessThan": document.LessThan,
		"LessThanEquals": document.LessOrEqual, "GreaterThan": document.GreaterThan, "GreaterThanEquals": document.GreaterOrEqual,
		"": document.BoolIs, "Address": document.IPIn,
	}
	n := 0
	document.OperatorNames(func(name string) bool {
		n++
		family, rest := "", ""
		for f := range families {
			if after, found := strings.CutPrefix(name, f); found && len(f) > len(family) {
				family, rest = f, after
			}
		}
		want := comparisons[strings.TrimPrefix(rest, "Not")]
		switch {
		case name == "Null":
			want = document.Null
		case family == "Arn":
			want = document.Like // ArnEquals takes wildcards too
		case family == "Binary":
			want = document.BinaryEquals
		}
		for _, written := range []string{name, strings.ToUpper(name), "ForAnyValue:" + name, "forallvalues:" + name + "IFEXISTS", name + "IfExists"} {
			op := document.ParseOperator(written)
			if op.Compare != want || op.Family != families[family] || op.Negated != strings.Contains(name, "Not") || op.Name() != name {
				t.Errorf("%s: %+v, want comparison %d", written, op, want)
			}
			lower := strings.ToLower(written)
			if op.IfExists != strings.HasSuffix(lower, "ifexists") || (op.Set == document.ForAny) != strings.HasPrefix(lower, "forany") || (op.Set == document.ForAll) != strings.HasPrefix(lower, "forall") {
				t.Errorf("%s: %+v", written, op)
			}
			if op.Orders() != (strings.Contains(name, "Than")) {
				t.Errorf("%s orders: %t", written, op.Orders())
			}
			if without := strings.Contains(name, "Not") || op.IfExists || op.Set == document.ForAll || name == "Null"; op.HoldsWithout() != without {
				t.Errorf("%s holds without the key: %t", written, op.HoldsWithout())
			}
		}
		return true
	})
	if n != 27 {
		t.Errorf("there are %d operators", n)
	}
	for _, name := range []string{"", "IfExists", "StringEqualsIfExistsIfExists", "ForSomeValues:StringLike", "String", "ForAnyValue:", ":StringLike"} {
		if op := document.ParseOperator(name); op.Known() {
			t.Errorf("%q is the operator %+v", name, op)
		}
	}
}

package converge

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"testing"

	"github.com/keysmith/keysmith/shared/converge/statespace"
)

// What the model proves is of use only while it walks the steps of the code.
func TestTheCodeAndTheModelNameTheSameSteps(t *testing.T) {
	got, want := stepNames(t), statespace.Steps()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the code's steps are %v; the model's are %v", got, want)
	}
}

// stepNames reads every constant of type Step out of the source, so that none
// can be left out by hand.
func stepNames(t *testing.T) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "steps.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if typ, ok := spec.Type.(*ast.Ident); ok && typ.Name == "Step" {
			names = append(names, constant(t, spec))
		}
		return false
	})
	return names
}

func constant(t *testing.T, spec *ast.ValueSpec) string {
	t.Helper()
	literal, ok := spec.Values[0].(*ast.BasicLit)
	if !ok {
		t.Fatalf("the step %s is not a plain string", spec.Names[0])
	}
	name, err := strconv.Unquote(literal.Value)
	if err != nil || name != spec.Names[0].Name {
		t.Errorf("the step %s says %s", spec.Names[0], literal.Value)
	}
	return name
}

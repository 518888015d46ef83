package invocation_test

import (
	"github.com/keysmith/keysmith/shared/functest"

	"testing"

	"github.com/keysmith/keysmith/shared/samples"
)

func TestEverySampleLeadsToWhatItsExpectationSays(t *testing.T) {
	names, err := samples.Names(functest.SampleFolder)
	if err != nil {
		t.Fatal(err)
	}
	w, err := samples.LoadWorld(functest.SampleFolder, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			event, err := w.Event(functest.SampleFolder, name)
			if err != nil {
				t.Fatal(err)
			}
			want, err := samples.LoadExpectation(functest.SampleFolder, name)
			if err != nil {
				t.Fatal(err)
			}
			cloud := w.Build()
			answer, err := functest.SampleHandler(t, w, cloud.Transport()).Invoke(t.Context(), event)
			if err != nil { // as Lambda answers it
				answer = functest.JSON(functest.M{"errorMessage": err.Error()})
			}
			faults, err := want.Compare(w, cloud, answer)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range faults {
				t.Error(f)
			}
		})
	}
}

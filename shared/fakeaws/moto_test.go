package fakeaws_test

import (
	"flag"
	"os"
	"slices"
	"testing"

	"go.yaml.in/yaml/v3"
)

const differencesFile = "testdata/conformance/moto-differences.yaml"

var update = flag.Bool("update", false, "write the differences that moto shows to "+differencesFile)

// The list of differences is checked against the cases in every run, and
// against moto itself where KEYSMITH_MOTO_URL says where it is.
func TestMotoDiffersOnlyAsListed(t *testing.T) {
	listed := readDifferences(t)
	cases := conformanceCases(t)
	for name := range listed {
		if !slices.ContainsFunc(cases, func(c conformance) bool { return c.Name == name }) {
			t.Errorf("%q is listed but is no case", name)
		}
	}
	url := os.Getenv("KEYSMITH_MOTO_URL")
	if url == "" {
		return
	}
	seen := map[string]string{}
	for i, c := range cases {
		if diff := c.run(t, url, i); diff != "" {
			seen[c.Name] = diff
		}
	}
	t.Logf("moto answers %d of %d cases as they want", len(cases)-len(seen), len(cases))
	if *update {
		writeDifferences(t, seen)
		return
	}
	for _, c := range cases {
		if seen[c.Name] != listed[c.Name] {
			t.Errorf("%s: moto: %s; listed: %s", c.Name, orNone(seen[c.Name]), orNone(listed[c.Name]))
		}
	}
}

func orNone(diff string) string {
	if diff == "" {
		return "no difference"
	}
	return diff
}

func readDifferences(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile(differencesFile)
	if err != nil {
		t.Fatal(err)
	}
	var listed map[string]string
	if err := yaml.Unmarshal(text, &listed); err != nil {
		t.Fatal(err)
	}
	return listed
}

func writeDifferences(t *testing.T, seen map[string]string) {
	t.Helper()
	text, err := yaml.Marshal(seen)
	if err != nil {
		t.Fatal(err)
	}
	head := "# Where moto answers otherwise than the conformance cases want: the case, and what moto does.\n# Written by: scripts/moto/test.sh -update\n"
	if err := os.WriteFile(differencesFile, append([]byte(head), text...), 0o644); err != nil {
		t.Fatal(err)
	}
}

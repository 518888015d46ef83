package lint

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/keysmith/keysmith/scripts/keysmith/internal/cli"
)

func TestTheSARIFReportRefersToItsRulesAndToPlacesThatExist(t *testing.T) {
	text := report(t, `{"Version":"2012-10-17","Statement":[{"Effect":"allow","Principal":"*","Action":"kms:Decript","Resource":"*"}]}`, cli.Refused)
	var log sarif
	if err := json.Unmarshal(text, &log); err != nil {
		t.Fatal(err)
	}
	if log.Version != "2.1.0" || len(log.Runs) != 1 || len(log.Runs[0].Results) < 3 {
		t.Fatalf("version %q with %d runs: %s", log.Version, len(log.Runs), text)
	}
	rules := log.Runs[0].Tool.Driver.Rules
	for _, r := range log.Runs[0].Results {
		if rules[r.RuleIndex].ID != r.RuleID {
			t.Errorf("result of %s points at rule %s", r.RuleID, rules[r.RuleIndex].ID)
		}
		place := r.Locations[0].Physical
		if place.Region.StartLine < 1 || place.Region.StartColumn < 1 || strings.ContainsAny(place.Artifact.URI, " “#") {
			t.Errorf("result of %s stands at %+v", r.RuleID, place)
		}
		if len(r.Fingerprints) != 1 || r.Fingerprints["keysmithFinding/v1"] == "" {
			t.Errorf("result of %s has the fingerprints %v", r.RuleID, r.Fingerprints)
		}
		if !slices.Contains([]string{"error", "warning", "note"}, r.Level) || r.Message.Text == "" {
			t.Errorf("result of %s: %+v", r.RuleID, r)
		}
	}
}

// report lints a policy in a file with an awkward name.
func report(t *testing.T, policy string, exit int) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a policy, with “quotes” #1.json")
	if err := os.WriteFile(path, []byte(policy), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	env := cli.Env{Out: &out, Err: &errs}
	if code := cli.Run(t.Context(), env, []string{"lint", "--account", "111122223333", "--show", "info", "--format", "sarif", path}, Command); code != exit {
		t.Fatalf("exit %d: %s", code, errs.String())
	}
	return out.Bytes()
}

func TestTheSARIFReportFitsTheSchemaOfTheStandard(t *testing.T) {
	schema := sarifSchema(t)
	root := `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"}`
	for name, policy := range map[string]struct {
		text string
		exit int
	}{
		"nothing to say":     {`{"Version":"2012-10-17","Statement":[` + root + `]}`, cli.Fine},
		"findings":           {`{"Statement":[` + root + `,{"Sid":"","Effect":"allow","Principal":"*","Action":"kms:Decript","Resource":"*"}]}`, cli.Refused},
		"no JSON":            {"Version: 2012-10-17\n", cli.Refused},
		"bytes of no letter": {"{\"Version\": \"\xff\x01“\"}", cli.Refused},
		"empty":              {"", cli.Refused},
	} {
		t.Run(name, func(t *testing.T) {
			text := report(t, policy.text, policy.exit)
			instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(instance); err != nil {
				t.Errorf("%v\n%s", err, text)
			}
		})
	}
	t.Run("failed", func(t *testing.T) {
		var out, errs bytes.Buffer
		args := []string{"lint", "--format", "sarif", filepath.Join(t.TempDir(), "none.json")}
		if code := cli.Run(t.Context(), cli.Env{Out: &out, Err: &errs}, args, Command); code != cli.Trouble {
			t.Fatalf("exit %d: %s", code, errs.String())
		}
		instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(out.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(instance); err != nil {
			t.Errorf("%v\n%s", err, out.String())
		}
	})
}

// The schema is the work of OASIS and no part of this repository. The Go module
// of another linter carries it for the same purpose; only that file is used.
const (
	schemaModule = "github.com/securego/gosec/v2@v2.30.0"
	schemaFile   = "report/sarif/testdata/sarif-schema-2.1.0.json"
	schemaSum    = "c3b4bb2d6093897483348925aaa73af03b3e3f4bd4ca38cef26dcb4212a2682e"
)

// sarifSchema fetches the schema into the module cache, or takes it from there.
func sarifSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	download := exec.Command("go", "mod", "download", "-json", schemaModule)
	download.Dir = t.TempDir() // outside of the module, whose go.sum stays as it is
	download.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off")
	answer, err := download.Output()
	var module struct{ Dir, Error string }
	if json.Unmarshal(answer, &module) != nil || err != nil || module.Error != "" {
		t.Fatalf("fetching the SARIF schema (needed once, through the Go module proxy): %v %s", err, module.Error)
	}
	text, err := os.ReadFile(filepath.Join(module.Dir, filepath.FromSlash(schemaFile)))
	if err != nil {
		t.Fatalf("reading the SARIF schema: %v", err)
	}
	if sum := sha256.Sum256(text); hex.EncodeToString(sum[:]) != schemaSum {
		t.Fatalf("the SARIF schema has the checksum %x, want %s", sum, schemaSum)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("reading the SARIF schema: %v", err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource(schemaFile, document); err != nil {
		t.Fatalf("adding the SARIF schema: %v", err)
	}
	schema, err := compiler.Compile(schemaFile)
	if err != nil {
		t.Fatalf("compiling the SARIF schema: %v", err)
	}
	return schema
}

package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/keysmith/keysmith/shared/fakeaws"
)

// The scripts in testdata/fleet run against a fake AWS of their own.
func TestFleetScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           filepath.Join("testdata", "fleet"),
		UpdateScripts: *update,
		Setup: func(e *testscript.Env) error {
			cloud := fakeaws.New(fakeaws.Options{AnyPrincipal: true, Region: "eu-west-1"})
			url, stop := fakeaws.Start(cloud)
			e.Defer(stop)
			e.Values[cloudKey{}], e.Values[accountsKey{}] = cloud, cloud
			cloud.S3.CreateBucket(policyBucket, true)
			f := &function{cloud: cloud, retrying: map[string]string{}}
			e.Values[functionKey{}] = f
			cloud.AfterEach(f.after)
			e.Setenv("PATH", program+string(os.PathListSeparator)+e.Getenv("PATH"))
			for _, v := range awsEnvironment(url) {
				name, value, _ := strings.Cut(v, "=")
				e.Setenv(name, value)
			}
			e.Setenv("HOME", e.WorkDir)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":   exits,
			"key":     key,
			"serves":  serves,
			"absent":  absent,
			"used":    used,
			"valid":   valid,
			"atmost":  atmost,
			"files":   files,
			"answer":  answer,
			"drift":   drift,
			"members": members,
			"kmskey":  kmskey,
			"account": account,
			"keyin":   keyin,
			"expire":  expire,
			"fault":   fault,
			"enable":  enable,
			"delete":  remove,
			"upload":  upload,
			"stored":  stored,
			"uploads": uploads,
			"turns":   turns,
			"inturns": inturns,
		},
	})
}

type cloudKey struct{}

func cloudOf(ts *testscript.TestScript) *fakeaws.Cloud { return ts.Value(cloudKey{}).(*fakeaws.Cloud) }

// key makes keys with a policy: key policy.json id [id…].
func key(ts *testscript.TestScript, _ bool, args []string) {
	for _, id := range args[1:] {
		cloudOf(ts).KMS.CreateKey(fakeaws.KeySpec{ID: id, Policy: ts.ReadFile(args[0])})
	}
}

// serves puts a policy in force by hand: serves id policy.json.
func serves(ts *testscript.TestScript, _ bool, args []string) {
	cloudOf(ts).KMS.SetPolicy(args[0], ts.ReadFile(args[1]))
}

// absent checks that a file does not hold a text: absent stdout TEXT.
func absent(ts *testscript.TestScript, _ bool, args []string) {
	if strings.Contains(ts.ReadFile(args[0]), args[1]) {
		ts.Fatalf("%s holds %q", args[0], args[1])
	}
}

// used says when a key was last used: used id Decrypt 2026-11-20.
func used(ts *testscript.TestScript, _ bool, args []string) {
	at, err := time.Parse(time.DateOnly, args[2])
	ts.Check(err)
	cloudOf(ts).KMS.SetLastUse(args[0], args[1], at)
}

// valid holds a file against a schema of the program: valid plan.json stdout.
func valid(ts *testscript.TestScript, _ bool, args []string) {
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	schema, err := compiler.Compile(filepath.Join("schema", args[0]))
	ts.Check(err)
	instance, err := jsonschema.UnmarshalJSON(strings.NewReader(ts.ReadFile(args[1])))
	ts.Check(err)
	ts.Check(schema.Validate(instance))
}

// atmost checks the size of a file in bytes: atmost 65536 stdout.
func atmost(ts *testscript.TestScript, _ bool, args []string) {
	most, err := strconv.Atoi(args[0])
	ts.Check(err)
	if n := len(ts.ReadFile(args[1])); n > most {
		ts.Fatalf("%s has %d bytes; want at most %d", args[1], n, most)
	}
}

// files makes so many policy files, and a key for each with another policy:
// files 300 served.json wanted.json.
func files(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	for i := range n {
		id := fmt.Sprintf("%08x-0000-4000-8000-000000000000", i)
		cloudOf(ts).KMS.CreateKey(fakeaws.KeySpec{ID: id, Policy: ts.ReadFile(args[1])})
		ts.Check(os.WriteFile(ts.MkAbs("policies/"+id+".json"), []byte(ts.ReadFile(args[2])), 0o600))
	}
}

// upload stores an object as somebody else would: upload policies/….json file.
func upload(ts *testscript.TestScript, _ bool, args []string) {
	cloudOf(ts).S3.Put(policyBucket, args[0], []byte(ts.ReadFile(args[1])), nil)
}

// stored prints an object's name and the metadata of its newest version: stored policies/….json.
func stored(ts *testscript.TestScript, _ bool, args []string) {
	o, found := cloudOf(ts).S3.Get(policyBucket, args[0])
	if !found {
		ts.Fatalf("there is no object %s", args[0])
	}
	fmt.Fprintln(ts.Stdout(), args[0])
	for _, name := range slices.Sorted(maps.Keys(o.Metadata)) {
		fmt.Fprintf(ts.Stdout(), "%s=%s\n", name, o.Metadata[name])
	}
}

// uploads checks how many versions all policies of the bucket have: uploads 4.
func uploads(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	for _, prefix := range []string{"policies/", "plans/"} {
		for _, object := range cloudOf(ts).S3.Keys(policyBucket, prefix) {
			got += len(cloudOf(ts).S3.Versions(policyBucket, object))
		}
	}
	if got != want {
		ts.Fatalf("there were %d uploads; want %d", got, want)
	}
}

// account makes an account with the role that reads its keys: account 444455556666.
func account(ts *testscript.TestScript, _ bool, args []string) {
	cloudOf(ts).AddRole(fakeaws.Role{ARN: "arn:aws:iam::" + args[0] + ":role/keysmith-target-plan",
		Trust: `{"Statement": {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole",
			"Condition": {"StringEquals": {"sts:ExternalId": "sesame"}}}}`})
}

// keyin makes a key elsewhere: keyin 444455556666 us-east-1 policy.json id.
func keyin(ts *testscript.TestScript, _ bool, args []string) {
	cloudOf(ts).KMS.CreateKey(fakeaws.KeySpec{Account: args[0], Region: args[1], Policy: ts.ReadFile(args[2]), ID: args[3]})
}

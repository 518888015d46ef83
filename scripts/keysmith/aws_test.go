package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/keysmith/keysmith/scripts/keysmith/internal/pullfile"
	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/keypolicy"
)

// The scripts in testdata/aws run against a fake AWS of their own, with several
// accounts. The caller is role/admin of 111122223333, in eu-west-1.
func TestAWSScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           filepath.Join("testdata", "aws"),
		UpdateScripts: *update,
		Setup:         withAccounts,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "kmskey": kmskey, "role": role, "enable": enable, "iam": iam, "live": live, "serve": serve,
			"fault": fault, "expire": expire, "fleet": fleet, "insync": insync, "stack": stack, "replaced": replaced, "verdict": verdict,
			"object": object, "valid": valid, "mistaken": mistaken, "policy": policy, "disable": disable, "accounts": accounts,
		},
	})
}

type accountsKey struct{}

func withAccounts(e *testscript.Env) error {
	cloud := fakeaws.New(fakeaws.Options{AnyPrincipal: true, Region: "eu-west-1"})
	url, stop := fakeaws.Start(cloud)
	e.Defer(stop)
	e.Values[accountsKey{}] = cloud
	cloud.S3.CreateBucket("keysmith-policies", true)
	e.Setenv("PATH", program+string(os.PathListSeparator)+e.Getenv("PATH"))
	for _, v := range awsEnvironment(url) {
		name, value, _ := strings.Cut(v, "=")
		e.Setenv(name, value)
	}
	return nil
}

func awsEnvironment(url string) []string {
	return []string{
		"AWS_ENDPOINT_URL=" + url, "AWS_REGION=eu-west-1", "AWS_ACCESS_KEY_ID=AKIAANN", "AWS_SECRET_ACCESS_KEY=none",
		"AWS_EC2_METADATA_DISABLED=true", "AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null",
	}
}

func accountsOf(ts *testscript.TestScript) *fakeaws.Cloud {
	return ts.Value(accountsKey{}).(*fakeaws.Cloud)
}

// kmskey makes a key: kmskey [-account A] [-region R] [-alias NAME] [-manager AWS] [-primary R] id policy.json.
func kmskey(ts *testscript.TestScript, _ bool, args []string) {
	var spec fakeaws.KeySpec
	var aliases string
	f := flag.NewFlagSet("kmskey", flag.ContinueOnError)
	f.StringVar(&spec.Account, "account", "111122223333", "")
	f.StringVar(&spec.Region, "region", "eu-west-1", "")
	f.StringVar(&spec.Manager, "manager", "", "")
	f.StringVar(&spec.Primary, "primary", "", "")
	f.StringVar(&aliases, "alias", "", "")
	ts.Check(f.Parse(args))
	spec.ID, spec.Policy = f.Arg(0), ts.ReadFile(f.Arg(1))
	arn := accountsOf(ts).KMS.CreateKey(spec)
	for name := range strings.FieldsSeq(aliases) {
		accountsOf(ts).KMS.CreateAlias("alias/"+name, arn)
	}
}

// role makes a role that trusts the caller's account: role account name [external id].
func role(ts *testscript.TestScript, _ bool, args []string) {
	condition := ""
	if len(args) > 2 {
		condition = `, "Condition": {"StringEquals": {"sts:ExternalId": "` + args[2] + `"}}`
	}
	accountsOf(ts).AddRole(fakeaws.Role{
		ARN:   "arn:aws:iam::" + args[0] + ":role/" + args[1],
		Trust: `{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"` + condition + `}]}`,
	})
}

// enable says which Regions an account has: enable account region….
func enable(ts *testscript.TestScript, _ bool, args []string) {
	accountsOf(ts).EnableRegions(args[0], args[1:]...)
}

// iam says what IAM allows a role: iam arn all|none.
func iam(ts *testscript.TestScript, _ bool, args []string) {
	accountsOf(ts).KMS.SetIAM(args[0], args[1] == "all")
}

// live prints the policy in force: live arn.
func live(ts *testscript.TestScript, _ bool, args []string) {
	_, _ = io.WriteString(ts.Stdout(), accountsOf(ts).KMS.Policy(args[0]))
}

// serve puts a policy in force past everything: serve arn policy.json.
func serve(ts *testscript.TestScript, _ bool, args []string) {
	accountsOf(ts).KMS.SetPolicy(args[0], ts.ReadFile(args[1]))
}

// fault makes calls go wrong: fault '{"kind": "refuse", …}'; without words it ends that.
func fault(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) == 0 {
		accountsOf(ts).ClearFaults()
		return
	}
	var f fakeaws.Fault
	ts.Check(json.Unmarshal([]byte(args[0]), &f))
	accountsOf(ts).Fault(f)
}

// expire ends the caller's credentials: expire; expire never begins them anew.
func expire(ts *testscript.TestScript, _ bool, args []string) {
	at := time.Now().Add(-time.Second)
	if len(args) > 0 {
		at = time.Time{}
	}
	accountsOf(ts).SetExpiringCredentials("AKIAANN", "arn:aws:iam::111122223333:role/admin", at)
}

// fleet makes so many keys in three accounts and two Regions: fleet 60 policy.json.
func fleet(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	makeFleet(accountsOf(ts), n, ts.ReadFile(args[1]))
}

// accounts makes so many accounts with a key each, and a role in each but one, and
// sets ACCOUNTS to their ids: accounts 40 policy.json 17.
func accounts(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	var ids []string
	for i := range n {
		id := fmt.Sprintf("%012d", i+1)
		ids = append(ids, id)
		if strconv.Itoa(i+1) != args[2] {
			role(ts, false, []string{id, "keysmith-target-plan"})
		}
		accountsOf(ts).KMS.CreateKey(fakeaws.KeySpec{
			Account: id, Region: "eu-west-1", ID: fmt.Sprintf("%08d-0000-4000-8000-000000000000", i+1), Policy: strings.ReplaceAll(ts.ReadFile(args[1]), "ACCOUNT", id),
		})
	}
	ts.Setenv("ACCOUNTS", strings.Join(ids, ","))
}

// makeFleet makes keys with an alias each, of which every tenth is of AWS. Each policy
// names its key in a Sid.
func makeFleet(cloud *fakeaws.Cloud, n int, policy string) {
	for i := range n {
		account := []string{"111122223333", "444455556666", "777788889999"}[i%3]
		spec := fakeaws.KeySpec{
			Account: account, Region: []string{"eu-west-1", "us-east-1"}[i/3%2], ID: fmt.Sprintf("%08x-0000-4000-8000-000000000000", i),
			Policy: strings.NewReplacer("ACCOUNT", account, "NUMBER", strconv.Itoa(i)).Replace(policy),
		}
		if i%10 == 9 {
			spec.Manager = "AWS"
		}
		arn := cloud.KMS.CreateKey(spec)
		cloud.KMS.CreateAlias(fmt.Sprintf("alias/team/%d", i), arn)
	}
}

// insync checks that each file of a pull holds the policy in force, and how many
// there are: insync dir 54.
func insync(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	ts.Check(differences(accountsOf(ts), ts.MkAbs(args[0]), want))
}

// differences compares the files of a pull with what is in force.
func differences(cloud *fakeaws.Cloud, dir string, want int) error {
	record, err := pullfile.Load(dir)
	if err != nil {
		return err
	}
	if record == nil || len(record.Keys) != want || record.Finished == nil {
		return fmt.Errorf("the record is %+v; want %d keys, and that it is finished", record, want)
	}
	for _, k := range record.Keys {
		text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(k.File)))
		if err != nil {
			return err
		}
		if served := cloud.KMS.Policy(k.ARN); !keypolicy.SameText(string(text), served, "aws") {
			return fmt.Errorf("%s holds another policy than %s", k.File, k.ARN)
		}
	}
	return nil
}

// mistaken makes the credentials of a role in an account those of the caller's own, as
// an emulator does that takes no notice of them: mistaken account.
func mistaken(ts *testscript.TestScript, _ bool, args []string) {
	cloud := accountsOf(ts)
	cloud.KMS.CreateKey(fakeaws.KeySpec{ID: "22222222-2222-4222-8222-222222222222"})
	cloud.AddRole(fakeaws.Role{ARN: "arn:aws:iam::" + args[0] + ":role/keysmith-target-plan", ActsAs: "arn:aws:iam::111122223333:role/admin",
		Trust: `{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"}]}`})
}

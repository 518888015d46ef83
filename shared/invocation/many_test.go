package invocation_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/functest"
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/outcome"
)

// A rollout over many accounts is never complete at once: what is missing in some
// is named, and costs the others nothing.
func TestOf200AccountsThoseWithoutARoleAreNamedAndTheOthersAreDone(t *testing.T) {
	var accounts, without []string
	for i := range 200 {
		accounts = append(accounts, fmt.Sprintf("2%011d", i))
		if i%29 == 3 {
			without = append(without, accounts[i])
		}
	}
	env := functest.Targets("TARGET_ACCOUNTS", strings.Join(accounts, ","))
	functest.Play(t, env, func(w *functest.World) {
		var bodies [][]byte
		for _, account := range accounts {
			if !slices.Contains(without, account) {
				w.DeployRoles(account)
			}
			w.Cloud.KMS.AddPrincipal("arn:aws:iam::" + account + ":role/alice")
			w.KeyElsewhere(account, functest.ElsewhereRegion, functest.KeyID)
			object := objectkey.ForKey(account, functest.ElsewhereRegion, functest.KeyID)
			w.Cloud.S3.Put(functest.Bucket, object, []byte(functest.PolicyOf(account, "new")), nil)
			bodies = append(bodies, functest.Uploaded(object, ""))
		}
		w.Batch(bodies...)
		applied := map[string]bool{}
		var failed []string
		for _, e := range w.Events() {
			d := e.Detail.Data
			switch {
			case e.Type == outcome.Applied:
				applied[d.Key.Account] = true
			case functest.Say(e) != "Failed ACCESS_DENIED":
				t.Errorf("%s of %s", functest.Say(e), d.Object.Key)
			default:
				failed = append(failed, d.Key.Account)
				for _, part := range []string{d.Key.Account, "keysmith-target", "scripts/target/target.yaml"} {
					if !strings.Contains(d.Error.Message, part) {
						t.Errorf("%q does not name %s", d.Error.Message, part)
					}
				}
				if d.Key.Region != functest.ElsewhereRegion || !strings.HasSuffix(d.Key.ARN, d.Key.Account+":key/"+functest.KeyID) {
					t.Errorf("the event is about %+v", d.Key)
				}
			}
		}
		slices.Sort(failed)
		if len(without) != 7 || !slices.Equal(failed, without) || len(applied) != 193 || w.Puts() != 193 {
			t.Errorf("%d applied, %d puts; failed in %v, want %v", len(applied), w.Puts(), failed, without)
		}
	})
}

package demo

import (
	"context"
	"fmt"

	"github.com/keysmith/keysmith/scripts/local/story"
	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/target"
)

// ledger is a key of another account, which has the roles that keysmith assumes.
var ledger = story.Key{Name: "ledger", ID: "0a7d3f18-92c4-4b6e-8e15-5d2b9c60f744", Account: "444455556666", Region: "eu-west-1"}

const externalID = "keysmith-demo"

func otherAccount() scene {
	return scene{
		title: "A key of another account",
		why: "One stack changes the keys of many accounts and Regions: the name of the object says which. In each account scripts/target deploys a role " +
			"that only keysmith's apply function may assume.",
		key:      ledger,
		document: "orders",
		act:      steps(deployTarget, upload(ledger, "orders")),
		want:     want{puts: 1, inForce: "orders", events: []expected{{outcome: outcome.Applied, trigger: "upload", changed: true}}},
	}
}

// deployTarget makes the other account a target.
func deployTarget(ctx context.Context, st *stage) error {
	st.do("deploy scripts/target/target.yaml in account %s, where the key %s is in %s", ledger.Account, ledger.Alias(), ledger.Region)
	trust := fmt.Sprintf(`{"Statement": [{"Effect": "Allow", "Principal": {"AWS": %q}, "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"sts:ExternalId": %q}}}]}`,
		st.stack.Account(), externalID)
	cloud := st.stack.Cloud
	cloud.AddRole(fakeaws.Role{ARN: "arn:aws:iam::" + ledger.Account + ":role/" + target.DefaultRole, Trust: trust})
	for _, role := range []string{"break-glass", "orders", "payments", "invoices"} {
		cloud.KMS.AddPrincipal("arn:aws:iam::" + ledger.Account + ":role/" + role)
	}
	cloud.KMS.CreateKey(fakeaws.KeySpec{ID: ledger.ID, Account: ledger.Account, Region: ledger.Region})
	return redeploy(map[string]string{
		"TargetAccounts": ledger.Account, "TargetExternalId": externalID, "TargetRegions": st.stack.Region() + ",eu-west-1",
		"KeyArns": "arn:aws:kms:*:" + st.stack.Account() + ":key/*",
	})(ctx, st)
}

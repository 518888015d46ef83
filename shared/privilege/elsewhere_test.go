package privilege_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/functest"
	"github.com/keysmith/keysmith/shared/target"
)

// own is a key of the stack's own account in another Region.
const own = "policies/" + functest.Account + "/" + functest.ElsewhereRegion + "/" + functest.KeyID + ".json"

func furnish(w *functest.World) {
	w.DeployRoles(functest.Elsewhere)
	for object, account := range map[string]string{functest.ElsewhereObject: functest.Elsewhere, own: functest.Account} {
		w.KeyElsewhere(account, functest.ElsewhereRegion, functest.KeyID)
		for _, folder := range []string{"policies/", "plans/"} {
			w.Cloud.S3.Put(functest.Bucket, strings.Replace(object, "policies/", folder, 1), []byte(functest.PolicyOf(account, "new")), nil)
		}
	}
}

// Both ways: no call that a role does not allow, and no permission that no call
// needs, in the hub and in the target.
func TestTheRolesOfBothAccountsAllowWhatKeysElsewhereTakeAndNothingElse(t *testing.T) {
	env := functest.Targets("PLAN_QUEUE_URL", functest.Deployed()["PLAN_QUEUE_URL"])
	hub, put := functest.RoleOf(t, "ApplyFunction", env), functest.TargetRole(t, "TargetRole")
	functest.Play(t, env, func(w *functest.World) {
		furnish(w)
		for _, object := range []string{functest.ElsewhereObject, own} {
			w.Single(functest.Uploaded(object, ""))
			w.Outcomes(functest.Reconcile(object, "sweep"))
		}
		functest.Permitted(t, hub, w.Cloud.Calls())
		if functest.PermittedElsewhere(t, put, target.DefaultRole, w.Cloud.Calls()) < 3 || w.Puts() != 2 {
			t.Errorf("%d puts", w.Puts())
		}
	})
	for _, line := range put.Unneeded() {
		t.Errorf("in the target nothing needs %s", line)
	}
	if slices.ContainsFunc(hub.Unneeded(), func(line string) bool { return strings.HasPrefix(line, "AssumeTargets") }) {
		t.Error("in the hub nothing needs AssumeTargets")
	}
}

// A stack that only plans, and the function that plans in every stack.
func TestWhatPlansElsewhereHasTheRoleThatReads(t *testing.T) {
	read := functest.TargetRole(t, "TargetPlanRole")
	planning := functest.Targets("MODE", "plan", "PLAN_QUEUE_URL", functest.Deployed()["PLAN_QUEUE_URL"])
	functest.Play(t, planning, func(w *functest.World) {
		furnish(w)
		w.Single(functest.Uploaded(functest.ElsewhereObject, ""))
		functest.Permitted(t, functest.RoleOf(t, "ApplyFunction", planning), w.Cloud.Calls())
		functest.PermittedElsewhere(t, read, target.DefaultPlanRole, w.Cloud.Calls())
	})
	env := functest.Targets("PLAN_QUEUE_URL", functest.Deployed()["PLAN_QUEUE_URL"])
	functest.PlayPlan(t, env, func(w *functest.World) {
		furnish(w)
		w.Single(functest.Uploaded(strings.Replace(functest.ElsewhereObject, "policies/", "plans/", 1), ""))
		functest.Permitted(t, functest.RoleOf(t, "PlanFunction", env), w.Cloud.Calls())
		if functest.PermittedElsewhere(t, read, target.DefaultPlanRole, w.Cloud.Calls()) == 0 || w.Puts() != 0 {
			t.Errorf("%d puts", w.Puts())
		}
	})
	// What is left over is for the command line: pull lists, and plan tells of the last use.
	want := []string{"kms:GetKeyLastUsage", "kms:ListAliases", "kms:ListKeys", "tag:GetResources"}
	var left []string
	for _, line := range read.Unneeded() {
		left = append(left, strings.Fields(line)[1])
	}
	slices.Sort(left)
	if !slices.Equal(left, want) {
		t.Errorf("no function needs %v, want %v", left, want)
	}
}

package converge_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/functest"
	"github.com/keysmith/keysmith/shared/outcome"
)

func TestAFightEndsContestedAfterThreeRounds(t *testing.T) {
	functest.Play(t, enforce, func(w *functest.World) {
		verified(w)
		for round := range 6 {
			events := w.Outcomes(changedBy(w, wider, jane)) // a minute after each repair
			repaired := w.InForce(functest.KeyID) == "new"
			if want := round < 3; repaired != want {
				t.Fatalf("round %d: %s, %s in force", round+1, functest.SayAll(events), w.InForce(functest.KeyID))
			}
			time.Sleep(time.Minute)
		}
		if repairOf(w) != outcome.RepairContested || !strings.Contains(w.EMF.String(), `"Contested":1`) {
			t.Errorf("%s", repairOf(w))
		}
		puts := w.Puts()
		for range 48 { // nor does it go on later
			time.Sleep(time.Hour)
			w.Outcomes(functest.Reconcile(functest.ObjectName, "sweep"))
		}
		if w.Puts() > puts+rounds {
			t.Errorf("%d puts in two days", w.Puts()-puts)
		}
		events := w.Outcomes(functest.Uploaded(functest.ObjectName, w.Upload(functest.Policy("new"))))
		if !strings.HasPrefix(functest.SayAll(events), "Applied") || w.InForce(functest.KeyID) != "new" {
			t.Errorf("uploaded again: %s", functest.SayAll(events))
		}
	})
}

const rounds = 3

// Who has won a fight may also be right. Only an upload ends that.
func TestContestedStaysUntilTheObjectIsUploadedAgain(t *testing.T) {
	functest.Play(t, enforce, func(w *functest.World) {
		verified(w)
		for range 4 {
			w.Outcomes(changedBy(w, wider, jane))
			time.Sleep(time.Minute)
		}
		puts := w.Puts()
		for range 4 {
			time.Sleep(25 * time.Hour)
			w.Outcomes(functest.Reconcile(functest.ObjectName, "sweep"))
			w.Outcomes(changedBy(w, functest.PolicyWith("other", `["arn:aws:iam::111122223333:role/carol"]`), jane))
			w.Outcomes(changedBy(w, wider, jane))
		}
		if repairOf(w) != outcome.RepairContested || w.Puts() != puts {
			t.Errorf("%s, %d puts", repairOf(w), w.Puts()-puts)
		}
	})
}

// A fighter that puts within the seconds of the proof is found by the next reconcile.
func TestAPolicyPutDuringTheProofOfARepairIsDriftOnceMore(t *testing.T) {
	functest.Play(t, enforce, func(w *functest.World) {
		verified(w)
		trail := changedBy(w, wider, jane)
		w.Intercept = functest.First(1, "PutKeyPolicy", func(send func() (*http.Response, error)) (*http.Response, error) {
			answer, err := send()
			w.Cloud.KMS.SetPolicy(functest.KeyID, functest.PolicyWith("third", `["arn:aws:iam::111122223333:role/carol"]`))
			return answer, err
		})
		w.DeadLetterQueue()
		w.Cloud.SQS.Send("apply", string(trail))
		w.Drain("apply")
		if got := functest.SayAll(w.Events()); w.InForce(functest.KeyID) != "new" || !strings.HasSuffix(got, "Applied, Drift Resolved") || w.Cloud.SQS.Depth("dead") > 0 {
			t.Errorf("%s; %s in force", got, w.InForce(functest.KeyID))
		}
	})
}

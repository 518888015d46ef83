package sam_test

import (
	"encoding/json"
	"strings"
	"testing"
)

// A FIFO queue holds everything back behind one message of its group that
// fails, and delivers a batch's rest out of order once some of it is handed
// back. keysmith needs no order, since it looks at the object as it is now.
func TestEveryQueueIsAStandardOne(t *testing.T) {
	stack := load(t, nil)
	for _, q := range stack.Queues {
		if fifo := q.Properties["FifoQueue"]; fifo != nil && fifo != false || strings.HasSuffix(q.Name, ".fifo") {
			t.Errorf("%s is a FIFO queue", q.LogicalID)
		}
	}
	for _, rule := range stack.Rules {
		for _, target := range rule.Targets {
			if strings.HasSuffix(target.ARN, ".fifo") {
				t.Errorf("%s sends to the FIFO queue %s", rule.LogicalID, target.ARN)
			}
		}
	}
	if len(stack.Queues) == 0 {
		t.Error("the template has no queue")
	}
}

// A message among the dead letters may be sent on by an operator, and can
// carry a request: nobody may plant one whom the apply queue itself keeps out.
func TestEveryQueueDeniesSendingToWhomeverIAMAllowsIt(t *testing.T) {
	stack := load(t, nil)
	denied := map[string]bool{}
	for _, r := range stack.Others {
		var policy struct {
			Queues         []string
			PolicyDocument struct {
				Statement []struct {
					Effect, Action string
					Principal      any
					Condition      map[string]map[string]any
				}
			}
		}
		text, err := json.Marshal(r.Properties)
		if r.Type != "AWS::SQS::QueuePolicy" || err != nil || json.Unmarshal(text, &policy) != nil {
			continue
		}
		for _, st := range policy.PolicyDocument.Statement {
			if st.Effect == "Deny" && st.Action == "sqs:SendMessage" && st.Principal == "*" && len(policy.Queues) == 1 {
				denied[policy.Queues[0]] = true
			}
		}
	}
	for _, q := range stack.Queues {
		if !denied[q.URL] {
			t.Errorf("whoever IAM lets send anywhere can send to %s", q.LogicalID)
		}
	}
}

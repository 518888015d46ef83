package sam_test

import (
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

package stack_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/keysmith/keysmith/scripts/local/stack"
	"github.com/keysmith/keysmith/scripts/local/stack/stacktest"
	"github.com/keysmith/keysmith/scripts/local/story"
)

func TestTheStackIsWhatTheTemplateDeclares(t *testing.T) {
	s, err := stack.Start(stacktest.Config())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if s.Bus("RequestBus") == "" || s.Bus("NoBus") != "" || s.Bucket() == "" || s.RoleARN() == "" {
		t.Errorf("the stack has bus %q, bucket %q, role %q", s.Bus("RequestBus"), s.Bucket(), s.RoleARN())
	}
	if s.Setting("POLICY_BUCKET") != s.Bucket() || s.Setting("VERIFY_INTERVAL") != "20ms" {
		t.Errorf("the function is set to bucket %q, interval %q", s.Setting("POLICY_BUCKET"), s.Setting("VERIFY_INTERVAL"))
	}
	incomplete := stacktest.Config()
	incomplete.Parameters = nil
	if _, err := stack.Start(incomplete); err == nil {
		t.Error("a template without its parameters was run")
	}
}

func TestTheStackIsInTheAccountThatIsNamed(t *testing.T) {
	cfg := stacktest.Config()
	cfg.Account, cfg.Region = "444455556666", "eu-west-1"
	cfg.Parameters = story.Parameters(cfg.Account, cfg.Region)
	s, err := stack.Start(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	story.Furnish(s)
	for _, arn := range []string{s.RoleARN(), s.Cloud.KMS.Policy(story.Orders.ID), s.QueueURL("q")} {
		if !strings.Contains(arn, cfg.Account) {
			t.Errorf("%s is not of the account", arn)
		}
	}
	if s.Region() != cfg.Region {
		t.Errorf("the Region is %s", s.Region())
	}
}

func TestALogTailKeepsTheEnd(t *testing.T) {
	var l stack.LogTail
	if got := l.Last(3); got != "" {
		t.Errorf("an empty log ends in %q", got)
	}
	for i := range 10_000 {
		fmt.Fprintf(&l, "line %d\n", i)
	}
	if got := l.Last(2); got != "line 9998\nline 9999" {
		t.Errorf("got %q", got)
	}
	if n := len(l.Last(1 << 20)); n > 16<<10 {
		t.Errorf("%d bytes are kept", n)
	}
}

package keypolicy_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

func TestAPolicyThatKMSLaidOutBeyondItsOwnLimitIsStillJudged(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"Version":"2012-10-17","Statement":[`)
	for i := 0; b.Len() < keypolicy.MaxSize-300; i++ {
		fmt.Fprintf(&b, `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/r%d"},"Action":["kms:Decrypt","kms:DescribeKey"],"Resource":"*"},`, i)
	}
	b.WriteString(`{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"}]}`)
	sent := []byte(b.String())
	var served bytes.Buffer
	if err := json.Indent(&served, sent, "", "  "); err != nil {
		t.Fatal(err)
	}
	if len(sent) > keypolicy.MaxSize || served.Len() <= keypolicy.MaxSize {
		t.Fatalf("%d bytes sent, %d served: not the case that is meant", len(sent), served.Len())
	}
	want, _ := keypolicy.Parse(sent)
	got, findings := keypolicy.Parse(served.Bytes())
	if got == nil || !got.Canonical("aws").Equal(want.Canonical("aws")) {
		t.Fatalf("what KMS serves is not judged: %v", findings)
	}
	if report := keypolicy.Check(served.Bytes(), keypolicy.Options{}); report.Reason(keypolicy.Error, nil) != keypolicy.TooLarge {
		t.Error("more than KMS takes was accepted")
	}
}

package target

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/aws"
)

func TestSessionsAreNamedAfterTheStackAndTheInvocation(t *testing.T) {
	const request = "6f1c7a52-3c0e-4a86-9d7e-0b6a5f2e9c11"
	taken := regexp.MustCompile(`^[\w+=,.@-]{2,64}$`)
	for stack, want := range map[string]string{
		"keysmith": "keysmith-" + request, "": "-" + request, "a b/c": "a-b-c-" + request,
		strings.Repeat("x", 128): strings.Repeat("x", 27) + "-" + request,
	} {
		ctx := lambdacontext.NewContext(context.Background(), &lambdacontext.LambdaContext{AwsRequestID: request})
		if got := sessionName(ctx, stack); got != want || !taken.MatchString(got) {
			t.Errorf("%q: %q, want %q", stack, got, want)
		}
		if got := sessionName(context.Background(), stack); !taken.MatchString(got) {
			t.Errorf("outside of an invocation, %q: %q", stack, got)
		}
	}
}

func TestEachPlaceHasItsOwnPaceAndTheAccountItsCredentials(t *testing.T) {
	r := NewReach(Options{SDK: aws.Config{Region: "us-east-1"}, Scope: Scope{Role: DefaultRole, Org: "o-a1b2c3d4e5"}, Assume: DefaultPlanRole, Writer: "w", Puts: 2})
	a, b := r.At(own, Place{"aws", other, "us-east-1"}), r.At(own, Place{"aws", other, "eu-west-1"})
	mine, elsewhere := r.At(own, own), r.At(own, Place{"aws", hub, "eu-west-1"})
	if a.Puts == b.Puts || a.Puts == mine.Puts || mine.Puts != r.Own().Puts || mine.Puts == elsewhere.Puts || r.At(own, a.Place) != a {
		t.Error("paces are shared, or made anew")
	}
	if a.account == nil || a.account != b.account || mine.account != nil || elsewhere.account != nil || mine.Place != own {
		t.Error("credentials are not those of the account")
	}
	if a.Writer != "arn:aws:iam::"+other+":role/"+DefaultRole || mine.Writer != "w" || a.Org != "o-a1b2c3d4e5" || mine.Org != "" {
		t.Errorf("the writers are %s and %s, the organizations %q and %q", a.Writer, mine.Writer, a.Org, mine.Org)
	}
}

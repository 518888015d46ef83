package main

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/keysmith/keysmith/shared/fakeaws"
)

const object = "policies/6f1c7a52-3c0e-4a86-9d7e-0b6a5f2e9c11.json"

const upload = `{"source": "aws.s3", "detail-type": "Object Created", "id": "event-1", "detail": {"bucket": {"name": "b"}, "object": {"key": "` + object + `"}}}`

// A scene is a queue and its dead-letter queue over HTTP.
type scene struct {
	*testing.T
	cloud *fakeaws.Cloud
	url   string
}

func newScene(t *testing.T) *scene {
	s := &scene{T: t, cloud: fakeaws.New(fakeaws.Options{})}
	url, stop := fakeaws.Start(s.cloud)
	t.Cleanup(stop)
	s.url = url
	for name, value := range map[string]string{"AWS_ENDPOINT_URL": url, "AWS_REGION": "us-east-1",
		"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_MAX_ATTEMPTS": "1"} {
		t.Setenv(name, value)
	}
	dead := s.cloud.SQS.CreateQueue("dead", nil)
	s.cloud.SQS.CreateQueue("work", map[string]string{"VisibilityTimeout": "0", "RedrivePolicy": `{"deadLetterTargetArn":"` + dead + `","maxReceiveCount":3}`})
	return s
}

func (s *scene) queue(name string) string { return s.url + "/111122223333/" + name }

// bury sends messages and receives them until SQS gives them up.
func (s *scene) bury(bodies ...string) {
	s.Helper()
	for _, body := range bodies {
		s.cloud.SQS.Send("work", body)
	}
	for range 4 {
		for range bodies {
			s.cloud.SQS.Receive("work", 10)
		}
	}
	if n := s.cloud.SQS.Depth("dead"); n != len(bodies) || s.cloud.SQS.Depth("work") != 0 {
		s.Fatalf("%d dead letters; want %d", n, len(bodies))
	}
}

func (s *scene) run(args ...string) (string, error) {
	var out strings.Builder
	if len(args) > 1 {
		args = slices.Insert(args, 1, "-wait", "0")
	}
	err := run(s.Context(), args, &out)
	return out.String(), err
}

// bodies takes all messages that a queue shows.
func (s *scene) bodies(queue string) []string {
	var list []string
	for {
		got := s.cloud.SQS.Receive(queue, 10)
		for _, m := range got {
			list = append(list, m.Body)
			s.cloud.SQS.Delete(queue, m.Receipt)
		}
		if len(got) == 0 {
			slices.Sort(list)
			return list
		}
	}
}

func TestEachLetterIsShownWithItsReasonOrWhereToFindIt(t *testing.T) {
	s := newScene(t)
	s.bury(upload, "not JSON", `{"keysmith": "reconcile", "object": "`+object+`", "reason": "late-put"}`,
		`{"detail-type": "KMS Key Policy Apply Requested", "id": "r1", "detail": {"key": "alias/payments", "policy": {}}}`)
	out, err := s.run("list", "-dead", s.queue("dead"), "-logs", "/aws/lambda/apply")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"what: upload of " + object,
		`--log-group-name '/aws/lambda/apply'`,
		`--filter-pattern '{ ($.object = "` + object + `") || ($.correlationId = "event-1") }'`,
		"why:  the trigger is not JSON; sending it back would not help",
		"what: late-put of " + object,
		"what: request with a policy for alias/payments, event r1",
		`--filter-pattern '{ ($.correlationId = "r1") }'`,
		"4 in " + s.queue("dead"),
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in:\n%s", want, out)
		}
	}
	if got := s.bodies("dead"); len(got) != 4 {
		t.Errorf("after a look only %d letters can be seen", len(got))
	}
}

func TestMoreLettersThanOneAnswerHoldsAreAllShownOnce(t *testing.T) {
	s := newScene(t)
	bodies := make([]string, 25)
	for i := range bodies {
		bodies[i] = upload
	}
	s.bury(bodies...)
	out, err := s.run("list", "-dead", s.queue("dead"))
	if n := strings.Count(out, "what: upload"); err != nil || n != 25 {
		t.Errorf("%d shown, %v", n, err)
	}
}

// sendWith sends a message with attributes, as EventBridge does.
func (s *scene) sendWith(queue, body string, attributes map[string]string) {
	s.Helper()
	cfg, err := awsconfig.LoadDefaultConfig(s.Context())
	if err != nil {
		s.Fatal(err)
	}
	in := &sqs.SendMessageInput{QueueUrl: aws.String(s.queue(queue)), MessageBody: &body, MessageAttributes: map[string]types.MessageAttributeValue{}}
	for name, value := range attributes {
		in.MessageAttributes[name] = types.MessageAttributeValue{DataType: aws.String("String"), StringValue: &value}
	}
	if _, err := sqs.NewFromConfig(cfg).SendMessage(s.Context(), in); err != nil {
		s.Fatal(err)
	}
}

func TestWhatEventBridgeCouldNotDeliverSaysWhy(t *testing.T) {
	s := newScene(t)
	s.cloud.SQS.CreateQueue("undelivered", nil)
	s.sendWith("undelivered", upload, map[string]string{"RULE_ARN": "arn:aws:events:us-east-1:111122223333:rule/r",
		"ERROR_CODE": "NO_PERMISSIONS", "ERROR_MESSAGE": "not authorized\x1b[2J"})
	out, err := s.run("list", "-dead", s.queue("undelivered"))
	if err != nil || !strings.Contains(out, `EventBridge could not deliver it: NO_PERMISSIONS, not authorized\x1b[2J`) {
		t.Errorf("%v\n%s", err, out)
	}
	out, err = s.run("redrive", "-dead", s.queue("undelivered"), "-queue", s.queue("work"), "-all")
	if err != nil || !slices.Equal(s.bodies("work"), []string{upload}) {
		t.Errorf("sent back: %v\n%s", err, out)
	}
}

func TestNobodysTextMovesTheCursorOrBreaksTheCommand(t *testing.T) {
	s := newScene(t)
	s.bury(`{"source": "aws.s3", "detail-type": "Object Created", "id": "e\n1' $(reboot)", "detail": {"bucket": {"name": "b"}, "object": {"key": "policies/a\n\u001b[31mb'c.json"}}}`)
	out, err := s.run("list", "-dead", s.queue("dead"))
	if err != nil || strings.ContainsAny(out, "\x1b\r") || strings.Count(out, "\n") != 4 {
		t.Errorf("%v\n%q", err, out)
	}
	if !strings.Contains(out, `1'\'' $(reboot)")`) {
		t.Errorf("a quotation mark ends the word of the command:\n%s", out)
	}
}

func TestOneLetterGoesBackAndTheOthersStay(t *testing.T) {
	s := newScene(t)
	s.bury("one", "two", "three")
	out, err := s.run("list", "-dead", s.queue("dead"))
	if err != nil {
		t.Fatal(err)
	}
	id := regexp.MustCompile(`(?m)^\S{36}`).FindString(out)
	out, err = s.run("redrive", "-dead", s.queue("dead"), id)
	if err != nil || !strings.Contains(out, "1 sent back, 2 not sent back") {
		t.Fatalf("%v\n%s", err, out)
	}
	if sent, kept := s.bodies("work"), s.bodies("dead"); len(sent) != 1 || len(kept) != 2 || slices.Contains(kept, sent[0]) {
		t.Errorf("sent %v, kept %v", sent, kept)
	}
	if _, err := s.run("redrive", "-dead", s.queue("dead"), id); err == nil || !strings.Contains(err.Error(), "no message") {
		t.Errorf("a letter that is gone: %v", err)
	}
}

func TestAllLettersGoBackToTheQueueThatSQSKnows(t *testing.T) {
	s := newScene(t)
	s.bury(upload, "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l")
	if out, err := s.run("redrive", "-dead", s.queue("dead"), "-all"); err != nil || !strings.Contains(out, "12 sent back, 0 not sent back") {
		t.Fatalf("%v\n%s", err, out)
	}
	if sent := s.bodies("work"); len(sent) != 12 || s.cloud.SQS.Depth("dead") != 0 {
		t.Errorf("sent %v", sent)
	}
	s.cloud.SQS.CreateQueue("undelivered", nil)
	if _, err := s.run("redrive", "-dead", s.queue("undelivered"), "-all"); err == nil || !strings.Contains(err.Error(), "-queue") {
		t.Errorf("where SQS knows of no queue: %v", err)
	}
	if _, err := s.run("redrive", "-dead", s.queue("undelivered"), "-queue", s.queue("work"), "-all"); err != nil {
		t.Errorf("where it is named: %v", err)
	}
}

// Somebody who may send to the dead-letter queue, and not to the apply queue, must
// not find a messenger in the operator.
func TestALetterThatSomebodyPlantedStaysUnlessItIsNamed(t *testing.T) {
	s := newScene(t)
	s.bury(upload, "b")
	s.sendWith("dead", "planted", map[string]string{"RULE_ARN": "made up", "ERROR_CODE": "made up", "ERROR_MESSAGE": "made up"})
	out, err := s.run("list", "-dead", s.queue("dead"))
	if err != nil || !strings.Contains(out, "why:  sent straight to the dead-letter queue by 111122223333") {
		t.Errorf("%v\n%s", err, out)
	}
	out, err = s.run("redrive", "-dead", s.queue("dead"), "-all")
	if err != nil || !strings.Contains(out, "2 sent back, 1 not sent back") || !strings.Contains(out, "name its id to send it back") {
		t.Errorf("%v\n%s", err, out)
	}
	if sent := s.bodies("work"); slices.Contains(sent, "planted") || len(sent) != 2 {
		t.Errorf("sent back: %v", sent)
	}
	id := regexp.MustCompile(`(?m)^(\S{36}) is not sent back`).FindStringSubmatch(out)
	if _, err := s.run("redrive", "-dead", s.queue("dead"), id[1]); err != nil || !slices.Equal(s.bodies("work"), []string{"planted"}) {
		t.Errorf("named: %v", err)
	}
}

func TestTheCommandLineSaysWhatIsMissing(t *testing.T) {
	s := newScene(t)
	for want, args := range map[string][]string{
		"-dead":                     {"list"},
		"by their ids, or set -all": {"redrive", "-dead", "x"},
		"or set -all":               {"redrive", "-dead", "x", "-all", "id"},
		"help":                      {},
		"list takes no":             {"list", "-dead", "x", "id"},
		"want seconds":              {"list", "-dead", "x", "-wait", "21"},
		"help requested":            {"delete", "-dead", "x"},
	} {
		if _, err := s.run(args...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v; want %q", args, err, want)
		}
	}
}

// SQS moves messages of any queue into one that it may redrive to: what came from
// elsewhere than expected is planted, though SQS itself brought it.
func TestALetterThatAnotherQueueRedroveStays(t *testing.T) {
	s := newScene(t)
	work, dead := s.cloud.SQS.ARN("work"), s.cloud.SQS.ARN("dead")
	s.bury(upload)
	s.cloud.SQS.CreateQueue("planted", map[string]string{"VisibilityTimeout": "0", "RedrivePolicy": `{"deadLetterTargetArn":"` + dead + `","maxReceiveCount":1}`})
	s.cloud.SQS.Send("planted", "evil")
	for range 2 {
		s.cloud.SQS.Receive("planted", 1)
	}
	if _, err := s.run("redrive", "-dead", s.queue("dead"), "-all"); err == nil || !strings.Contains(err.Error(), "-source") {
		t.Errorf("with two sources and none named: %v", err)
	}
	out, err := s.run("redrive", "-dead", s.queue("dead"), "-source", work, "-all")
	if err != nil || !strings.Contains(out, "1 sent back, 1 not sent back") || !strings.Contains(out, "was moved here from "+s.cloud.SQS.ARN("planted")) {
		t.Errorf("%v\n%s", err, out)
	}
	if sent := s.bodies("work"); !slices.Equal(sent, []string{upload}) {
		t.Errorf("sent back: %v", sent)
	}
}

func TestInTheQueuesOfRulesAndInvocationsOnlyTheirOwnLettersGoBack(t *testing.T) {
	const rule, function = "arn:aws:events:us-east-1:111122223333:rule/r", "arn:aws:lambda:us-east-1:111122223333:function:f"
	record := func(arn string) string {
		return `{"version": "1.0", "requestContext": {"functionArn": "` + arn + `:$LATEST", "condition": "RetriesExhausted"}, "requestPayload": ` + upload + `}`
	}
	for name, test := range map[string]struct {
		source, body, rule string
		planted            bool // by redrive
		back               bool
	}{
		"of the rule":                     {rule, upload, rule, false, true},
		"of another rule":                 {rule, upload, rule + "2", false, false},
		"of nobody":                       {rule, upload, "", false, false},
		"of the rule, brought by SQS":     {rule, upload, rule, true, false},
		"of the function":                 {function, record(function), "", false, true},
		"of another function":             {function, record(function + "2"), "", false, false},
		"of the function, but by redrive": {function, record(function), "", true, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			other := s.cloud.SQS.CreateQueue("other", nil)
			attributes := map[string]string{}
			if test.rule != "" {
				attributes["RULE_ARN"] = test.rule
			}
			if test.planted {
				s.cloud.SQS.CreateQueue("planted", map[string]string{"VisibilityTimeout": "0", "RedrivePolicy": `{"deadLetterTargetArn":"` + other + `","maxReceiveCount":1}`})
				s.sendWith("planted", test.body, attributes)
				for range 2 {
					s.cloud.SQS.Receive("planted", 1)
				}
			} else {
				s.sendWith("other", test.body, attributes)
			}
			out, err := s.run("redrive", "-dead", s.queue("other"), "-source", test.source, "-queue", s.queue("work"), "-all")
			if got := len(s.bodies("work")) == 1; err != nil || got != test.back {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

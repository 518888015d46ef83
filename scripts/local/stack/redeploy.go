package stack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/keysmith/keysmith/shared/samtemplate"
)

// Redeploy changes parameters of the running stack, as another deployment with
// them does: the functions start anew with their new environment, and their roles
// may do in KMS what the template grants them then. All else that
// the template makes of the parameters stays as it is; so it is for parameters
// such as Mode, while nothing is under way.
func (s *Stack) Redeploy(parameters map[string]string) error {
	changed, err := declared(s.cfg, s.URL, parameters)
	if err != nil {
		return fmt.Errorf("deploying again: %w", err)
	}
	for i, f := range s.functions {
		if err := s.permit(changed, changed.Functions[i]); err != nil {
			return fmt.Errorf("deploying again: %w", err)
		}
		s.deploy(f, s.cfg, s.endpoint, changed.Functions[i].Environment).Close()
	}
	return nil
}

// declared is what the template makes of the parameters of cfg, with others in
// their place.
func declared(cfg Config, url string, instead map[string]string) (*samtemplate.Stack, error) {
	parameters := map[string]string{}
	maps.Copy(parameters, cfg.Parameters)
	maps.Copy(parameters, instead)
	return samtemplate.Load(cfg.Template, samtemplate.Options{
		StackName:  Name,
		Parameters: parameters,
		Account:    cfg.Account,
		Region:     cfg.Region,
		QueueURL:   func(name string) string { return url + "/" + cfg.Account + "/" + name },
	})
}

// Resend sends a request for every policy in the bucket to the apply function's
// queue, as make resend does, and returns how many it sent.
func (s *Stack) Resend(ctx context.Context) (int, error) {
	queue, ok := s.declared.QueueByARN(s.first().Sources[0].QueueARN)
	if !ok {
		return 0, errors.New("the apply function has no queue of the stack")
	}
	objects := s.Cloud.S3.Keys(s.Bucket(), "policies/")
	for _, object := range objects {
		body, err := json.Marshal(map[string]string{"object": object})
		if err != nil {
			return 0, err
		}
		text := string(body)
		if _, err := s.sqsAs(watcherKey).SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &queue.URL, MessageBody: &text}); err != nil {
			return 0, fmt.Errorf("sending a request for %s: %w", object, err)
		}
	}
	return len(objects), nil
}

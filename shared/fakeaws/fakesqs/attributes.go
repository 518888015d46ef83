package fakesqs

import (
	"encoding/json"
	"slices"
)

const maxRedriveSources = 10

// checkAttributes refuses what SQS refuses of a queue's settings: a dead-letter
// queue that is not there or does not take letters from this one, and a
// RedriveAllowPolicy that says two things at once. The words are the fake's.
func (s *Service) checkAttributes(name string, attrs map[string]string) error {
	if text := attrs["RedriveAllowPolicy"]; text != "" {
		var p redriveAllow
		err := json.Unmarshal([]byte(text), &p)
		known := slices.Contains([]string{"allowAll", "denyAll", "byQueue"}, p.RedrivePermission)
		named := len(p.SourceQueueArns) > 0
		if err != nil || !known || named != (p.RedrivePermission == "byQueue") || len(p.SourceQueueArns) > maxRedriveSources {
			return invalid("RedriveAllowPolicy", text, "it needs a redrivePermission of allowAll, denyAll or byQueue, and up to 10 sourceQueueArns with byQueue only")
		}
	}
	target, limit := (&queue{attrs: attrs}).redrive()
	if limit == 0 {
		return nil
	}
	dead, err := s.lookup(target)
	switch {
	case err != nil:
		return invalid("RedrivePolicy", attrs["RedrivePolicy"], "Dead letter target does not exist.")
	case !dead.letsRedrive(s.arn(name)):
		return invalid("RedrivePolicy", attrs["RedrivePolicy"], "the RedriveAllowPolicy of the dead-letter queue does not allow this queue")
	}
	return nil
}

func invalid(parameter, value, reason string) error {
	return refuse("InvalidParameterValue", "InvalidParameterValue",
		"Value "+value+" for parameter "+parameter+" is invalid. Reason: "+reason)
}

// Policy returns the policy of a queue, empty where it has none.
func (s *Service) Policy(queue string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if q, err := s.lookup(queue); err == nil {
		return q.attrs["Policy"]
	}
	return ""
}

// ARN returns the ARN of a queue that a name, a URL or an ARN stands for.
func (s *Service) ARN(queue string) string { return s.arn(baseName(queue)) }

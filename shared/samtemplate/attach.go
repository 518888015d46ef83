package samtemplate

// attach gives roles, queues and buckets the policies that are resources of
// their own in the template.
func (r *resolver) attach(s *Stack) {
	for _, other := range s.Others {
		at, _ := r.resources.get(other.LogicalID)
		v := view{r: r, at: place{at.node, at.path + ".Properties"}, lines: &book{}, m: other.Properties}
		switch other.Type {
		case "AWS::IAM::Policy":
			r.attachToRoles(s, v)
		case "AWS::SQS::QueuePolicy":
			for _, url := range v.oneOrMore("Queues") {
				attachToQueue(s, url, v)
			}
		case "AWS::S3::BucketPolicy":
			for i := range s.Buckets {
				if s.Buckets[i].Name == v.text("Bucket") {
					s.Buckets[i].Policy = v.document("PolicyDocument")
				}
			}
		}
	}
}

func (r *resolver) attachToRoles(s *Stack, policy view) {
	for _, name := range policy.oneOrMore("Roles") {
		for i := range s.Roles {
			if s.Roles[i].Name == name {
				s.Roles[i].Statements = append(s.Roles[i].Statements, statementsOf(policy)...)
			}
		}
	}
}

func attachToQueue(s *Stack, url string, policy view) {
	for i := range s.Queues {
		if s.Queues[i].URL == url {
			s.Queues[i].Policy = policy.document("PolicyDocument")
		}
	}
}

package settings

// LoadPlan reads the variables of the function that plans: those of the function
// that applies, but that its queue is PLAN_QUEUE_URL and that no MODE makes it
// put or store anything.
func LoadPlan(getenv func(string) string) (Settings, error) {
	s, err := Load(getenv)
	s.Protocol.PlanOnly, s.PlansOnly = true, true
	s.QueueURL, s.PlanURL, s.ReconcileURL = s.PlanURL, "", ""
	return s, err
}

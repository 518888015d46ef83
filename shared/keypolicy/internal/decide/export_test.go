package decide

// AskCounting answers a question, and tells how many steps that took.
func (s *Space) AskCounting(question *Question) (Proof, int) {
	before := s.budget.left
	p := s.prepare(question).answer()
	return p, before - s.budget.left
}

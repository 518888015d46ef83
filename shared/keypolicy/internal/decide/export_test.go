package decide

// AskCounting answers a question, and tells how many steps that took.
func (s *Space) AskCounting(question *Question) (Proof, int) {
	before := s.budget.left
	q := s.prepare(question)
	q.callersNow = q.callers()
	p := q.answer()
	return p, before - s.budget.left
}

package decide

// AskCounting answers a question, and tells how many steps that took.
func (s *Space) AskCounting(question *Question) (Proof, int) {
	q := s.prepare(question)
	p := q.answer()
	return p, maxSteps - *q.budget
}

package keypolicy

// conditions checks the conditions of one statement.
func (c *checker) conditions(s *statement) {
	for i := range s.conditions {
		cond := &s.conditions[i]
		if !cond.operator.known() {
			c.unknownOperator(cond)
		}
		if cond.key == nil {
			c.unknownKey(cond)
		}
	}
}

package catalog

// Answer is what a table says to a question. A table is never complete, so what
// it lacks is Unknown, which is neither Yes nor No: it is no reason to refuse a
// policy, and no reason to call it safe.
type Answer uint8

const (
	Unknown Answer = iota
	No
	Yes
)

// String names the answer.
func (a Answer) String() string { return [...]string{"unknown", "no", "yes"}[a] }

// yes turns a fact that is certain either way into an Answer.
func yes(b bool) Answer {
	if b {
		return Yes
	}
	return No
}

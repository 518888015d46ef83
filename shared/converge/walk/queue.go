package walk

import "slices"

// Add puts a message into the first free place of a queue. The zero value is a free place.
func Add[M comparable](queue []M, m M) {
	var free M
	i := slices.Index(queue, free)
	if i < 0 {
		panic("walk: a scenario needs a longer queue")
	}
	queue[i] = m
}

// Take takes a message out of a queue; those behind it move up.
func Take[M comparable](queue []M, i int) M {
	m := queue[i]
	copy(queue[i:], queue[i+1:])
	var free M
	queue[len(queue)-1] = free
	return m
}

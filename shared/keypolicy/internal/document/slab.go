package document

// slab hands out pieces of larger slices, so that a policy of many short lists
// does not cost an allocation for each.
type slab[T any] struct{ free []T }

// take returns an empty slice with room for n. Where that takes a new slice, it
// is made large enough for what is expected from here to the end.
func (s *slab[T]) take(n, expected int) []T {
	const most = 512
	if n == 0 {
		return nil
	}
	if n > len(s.free) {
		s.free = make([]T, max(n, min(expected, most)))
	}
	piece := s.free[:0:n]
	s.free = s.free[n:]
	return piece
}

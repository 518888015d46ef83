package keypolicy

// slab hands out pieces of larger slices, so that a policy of many short lists
// does not cost an allocation for each.
type slab[T any] struct {
	free []T
	last int // size of the latest slice
}

// take returns an empty slice with room for n.
func (s *slab[T]) take(n int) []T {
	const first, most = 8, 64
	if n == 0 {
		return nil
	}
	if n > len(s.free) {
		s.last = min(max(2*s.last, first), most)
		s.free = make([]T, max(n, s.last))
	}
	piece := s.free[:0:n]
	s.free = s.free[n:]
	return piece
}

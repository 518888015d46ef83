package setspace

import "cmp"

// order puts the workers in an order, since nobody tells them apart.
func (s *state) order() {
	a, b := &s.runs[0], &s.runs[1]
	n := cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.msg.kind, b.msg.kind), compareBool(a.msg.again, b.msg.again), compareBool(a.told, b.told))
	for i := range a.keys {
		n = cmp.Or(n, a.keys[i].compareTo(&b.keys[i]))
	}
	for i := range s.instances[0].credentials {
		n = cmp.Or(n, cmp.Compare(s.instances[0].credentials[i], s.instances[1].credentials[i]))
	}
	if n < 0 {
		*a, *b = *b, *a
		s.instances[0], s.instances[1] = s.instances[1], s.instances[0]
	}
}

func (k *part) compareTo(o *part) int {
	return cmp.Or(cmp.Compare(k.at, o.at), cmp.Compare(k.version, o.version), cmp.Compare(k.word, o.word), cmp.Compare(k.over, o.over),
		compareBool(k.proven, o.proven), compareBool(k.drift, o.drift), compareBool(k.resolved, o.resolved))
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

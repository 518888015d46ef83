package samtemplate

import (
	"iter"

	"go.yaml.in/yaml/v3"
)

// A book is a mapping of the template in its own order.
type book struct {
	names  []string
	places map[string]place
}

func (b *book) get(name string) (place, bool) {
	p, ok := b.places[name]
	return p, ok
}

func (b *book) all() iter.Seq2[string, place] {
	return func(yield func(string, place) bool) {
		for _, name := range b.names {
			if !yield(name, b.places[name]) {
				return
			}
		}
	}
}

// members opens a mapping. A name that stands there twice is a fault: YAML
// would let the last one win in silence.
func (r *resolver) members(p place) *book {
	b := &book{places: map[string]place{}}
	if p.node.Kind != yaml.MappingNode {
		r.fail(p, "must be a mapping")
		return b
	}
	for i := 0; i+1 < len(p.node.Content); i += 2 {
		key, value := p.node.Content[i], p.node.Content[i+1]
		if _, twice := b.places[key.Value]; twice {
			r.fail(place{key, p.path}, "%s appears twice", key.Value)
			continue
		}
		b.names = append(b.names, key.Value)
		b.places[key.Value] = p.member(key.Value, value)
	}
	return b
}

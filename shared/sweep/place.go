package sweep

import (
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/target"
)

// placed is an object whose key is a target.
type placed struct {
	object string
	name   objectkey.Name
	place  target.Place // of a multi-Region set without a Region
}

// placed reads the name of an object.
func (s *Sweeper) placed(object string) (placed, error) {
	name, err := objectkey.Parse(object)
	if err != nil {
		return placed{}, err
	}
	p, err := s.Targets.Place(s.Own, name)
	return placed{object, name, p}, err
}

func byPlace(objects []placed) map[target.Place][]string {
	places := map[target.Place][]string{}
	for _, o := range objects {
		places[o.place] = append(places[o.place], o.object)
	}
	return places
}

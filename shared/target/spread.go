package target

import "github.com/keysmith/keysmith/shared/objectkey"

// Spread puts what is about different accounts and Regions side by side: it takes
// one of each in turn, in the order of the list. object is the object key of an
// element.
//
// A batch of messages takes as long as the account and Region that has most keys in
// it. The keys of a tree are sorted by account, and uploaded like that a batch is
// full of one or two, while the quotas of all others are idle.
func Spread[T any](list []T, object func(T) string) []T {
	var order []Place
	lanes := map[Place][]T{}
	for _, one := range list {
		p := laneOf(object(one))
		if lanes[p] == nil {
			order = append(order, p)
		}
		lanes[p] = append(lanes[p], one)
	}
	spread := make([]T, 0, len(list))
	for len(spread) < len(list) {
		for _, p := range order {
			if len(lanes[p]) > 0 {
				spread, lanes[p] = append(spread, lanes[p][0]), lanes[p][1:]
			}
		}
	}
	return spread
}

// laneOf is the place that an object key names. The stack's own has no name, and
// nor has what is no name of an object.
func laneOf(object string) Place {
	name, err := objectkey.Parse(object)
	if err != nil {
		return Place{}
	}
	return Place{Account: name.Account, Region: name.Region}
}

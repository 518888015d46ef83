package main

import (
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws"
)

// usage is how one quota was used.
type usage struct {
	answered, refused int
	first, last       time.Time
	ahead             float64 // calls that had to be lent at most, above the steady rate
}

// usageOf reads the calls of one action. perSecond is its quota.
func usageOf(calls []fakeaws.Call, action string, perSecond float64) usage {
	var u usage
	var owed float64
	for _, c := range calls {
		switch {
		case c.Action != action:
			continue
		case c.Error != "":
			u.refused++
			continue
		case u.answered == 0:
			u.first, u.last = c.Time, c.Time
		}
		u.answered++
		owed = max(0, owed-perSecond*c.Time.Sub(u.last).Seconds()) + 1
		u.ahead = max(u.ahead, owed)
		u.last = c.Time
	}
	return u
}

// share is the part of the quota that was used between the first call and the
// last.
func (u usage) share(perSecond float64) float64 {
	if took := u.last.Sub(u.first).Seconds(); took > 0 {
		return float64(u.answered-1) / took / perSecond
	}
	return 0
}

// mostAhead is the most that was lent in any account and Region, each of which has
// a quota of its own.
func mostAhead(calls []fakeaws.Call, action string, perSecond float64) (most float64) {
	places := map[[2]string][]fakeaws.Call{}
	for _, c := range calls {
		if c.Action == action {
			place := [2]string{c.Account, c.Region}
			places[place] = append(places[place], c)
		}
	}
	for _, of := range places {
		most = max(most, usageOf(of, action, perSecond).ahead)
	}
	return most
}

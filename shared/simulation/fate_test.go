package simulation

import (
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws"
)

// fate throws the dice for a call. The zero fault is a call that goes well.
func (s *sim) fate(c *call) fakeaws.Fault {
	if s.calm {
		return fakeaws.Fault{}
	}
	if until := s.denied[c.action]; time.Now().Before(until) {
		return denial(c)
	}
	if c.action == "GetKeyPolicy" && s.rng.Float64() < s.plan.staleP {
		return s.staleness()
	}
	if c.action == "PutKeyPolicy" && s.rng.Float64() < s.plan.lateP {
		return fakeaws.Fault{Kind: fakeaws.Late, Delay: s.lateness()}
	}
	if s.faults >= s.plan.faults || s.rng.Float64() >= s.plan.faultP {
		return fakeaws.Fault{}
	}
	if s.plan.denials && (c.service == "kms" || c.service == "s3") && s.rng.IntN(4) == 0 {
		s.denied[c.action] = time.Now().Add(time.Duration(s.rng.IntN(40)) * time.Second)
		return denial(c)
	}
	list := fatesOf(c)
	f := list[s.rng.IntN(len(list))]
	if f.Kind == fakeaws.Late {
		f.Delay = s.lateness()
	}
	return f
}

// staleness: a read shows what was in force up to a minute and a half ago.
func (s *sim) staleness() fakeaws.Fault {
	longest := 90
	if s.plan.duel {
		longest = 15 // as long as a policy lives there: most of these reads show the other one
	}
	f := fakeaws.Fault{Kind: fakeaws.Stale, Delay: time.Duration(1+s.rng.IntN(longest)) * time.Second}
	if s.rng.IntN(2) == 0 {
		f.Kind = fakeaws.Flap
	}
	return f
}

// lateness is how long a put may be on its way. The reconcile after it comes after
// 15 minutes; a put that lands even later is more than keysmith promises for.
func (s *sim) lateness() time.Duration { return time.Duration(1+s.rng.IntN(600)) * time.Second }

func fatesOf(c *call) []fakeaws.Fault {
	refuse := func(code string) fakeaws.Fault { return fakeaws.Fault{Kind: fakeaws.Refuse, Code: code} }
	drop := fakeaws.Fault{Kind: fakeaws.Drop}
	after := fakeaws.Fault{Kind: fakeaws.DropAfter}
	hang := fakeaws.Fault{Kind: fakeaws.Hang}
	slow := fakeaws.Fault{Kind: fakeaws.Slow, Delay: 2037 * time.Millisecond} // never the same instant as a time-out
	switch c.action {
	case "PutKeyPolicy":
		return []fakeaws.Fault{
			refuse("KMSInternalException"), refuse("DependencyTimeoutException"), refuse("ThrottlingException"),
			{Kind: fakeaws.RefuseAfter, Code: "KMSInternalException"}, {Kind: fakeaws.RefuseAfter, Code: "DependencyTimeoutException"},
			drop, after, hang, {Kind: fakeaws.HangAfter}, slow, {Kind: fakeaws.Late}, {Kind: fakeaws.Late},
		}
	case "GetKeyPolicy", "DescribeKey":
		return []fakeaws.Fault{refuse("KMSInternalException"), refuse("ThrottlingException"), drop, hang, slow, refuse("ExpiredTokenException")}
	case "PutEvents":
		return []fakeaws.Fault{{Kind: fakeaws.FailEntries, Count: 1}, refuse("InternalException"), refuse("ThrottlingException"), drop, after, hang}
	case "SendMessage", "ChangeMessageVisibility":
		return []fakeaws.Fault{refuse("InternalError"), drop, after}
	case "GetObject":
		return []fakeaws.Fault{refuse("ServiceUnavailable"), refuse("SlowDown"), {Kind: fakeaws.Truncate}, drop, hang, slow}
	}
	return []fakeaws.Fault{refuse("ServiceUnavailable"), refuse("SlowDown"), drop, after, hang, slow}
}

// denial: somebody has changed a role or a key policy, for a while.
func denial(c *call) fakeaws.Fault {
	code := "AccessDeniedException"
	if c.service == "s3" {
		code = "AccessDenied"
	}
	return fakeaws.Fault{Kind: fakeaws.Refuse, Code: code}
}

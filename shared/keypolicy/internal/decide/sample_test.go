package decide_test

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/decide"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/oracle"
)

// world is what the requests of a test are made in: the facts as they are, of
// which the procedure may know a part only.
type world struct {
	org, spec, region string
}

// sampler makes requests with values at the edges of those of the policies.
type sampler struct {
	generator
	world
	values map[string][]string // by key in small letters
}

func newSampler(g generator, w world, docs ...*document) *sampler {
	s := &sampler{g, w, map[string][]string{}}
	for _, d := range docs {
		for _, st := range d.Statement {
			conditions, _ := st["Condition"].(map[string]any)
			for _, keys := range conditions {
				for key, v := range keys.(map[string]any) {
					lower := strings.ToLower(key)
					s.values[lower] = append(s.values[lower], stringsOf(v)...)
				}
			}
		}
	}
	return s
}

var callers = []string{
	iam + "root", iam + "role/App", iam + "role/ops/Break", iam + "role/other", iam + "user/eva", iam + "user/x/max", iam + "user/zoe",
	sts + "assumed-role/App/alice", sts + "assumed-role/Zed/bob", sts + "federated-user/fred", sts + "federated-user/gina",
	iam + "role/Zed", "arn:aws:iam::444455556666:role/Other", "arn:aws:sts::444455556666:federated-user/x", "arn:aws:sts::999999999999:federated-user/x",
	"arn:aws:iam::444455556666:root", "arn:aws:iam::444455556666:role/Partner", "arn:aws:iam::444455556666:user/eva",
	"arn:aws:iam::999999999999:root", "arn:aws:iam::999999999999:role/App", "arn:aws:iam::111122224444:user/eva",
	"cloudtrail.amazonaws.com", "s3.amazonaws.com", "other.amazonaws.com", "anonymous",
}

var sampleActions = []string{"kms:GetKeyPolicy", "kms:DisableKey", "kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:CreateGrant", "kms:PutKeyPolicy", "kms:EnableKeyRotation", "kms:TagResource", "kms:DescribeKey"}

func (s *sampler) request() *oracle.Request {
	r := &oracle.Request{Principal: pick(s.generator, callers), Action: pick(s.generator, sampleActions), Resource: ownKey, Own: ownAccount, Context: map[string][]string{}}
	r.Spared = s.chance(50)
	r.IAM = s.chance(50) || !strings.Contains(r.Principal, ownAccount)
	action, _ := catalog.Match(r.Action)
	for key := range s.values {
		s.fill(r, key, action)
	}
	s.complete(r.Context)
	identify(r, s.world)
	return r
}

// complete adds the keys that come with others, and removes what is never there
// without them.
func (s *sampler) complete(c map[string][]string) {
	if _, both := s.values["aws:multifactorauthage"]; both {
		switch age := c["aws:multifactorauthage"]; {
		case len(age) > 0:
			c["aws:multifactorauthpresent"] = []string{"true"}
		case len(c["aws:multifactorauthpresent"]) > 0:
			c["aws:multifactorauthpresent"] = []string{"false"}
		}
	}
	const app, names = "kms:encryptioncontext:app", "kms:encryptioncontextkeys"
	listed := slices.ContainsFunc(c[names], func(name string) bool { return strings.EqualFold(name, "app") })
	switch has := len(c[app]) > 0; {
	case has && !listed:
		c[names] = append(c[names], "app")
	case listed && !has:
		c[app] = []string{s.value(app)}
	}
}

// fill gives a key a value, where a request can have one.
func (s *sampler) fill(r *oracle.Request, key string, action catalog.Set) {
	k := catalog.LookupKey(key)
	if k != nil && k.Actions != 0 && k.Actions&action == 0 || s.chance(30) && key != "aws:currenttime" && key != "aws:epochtime" {
		return
	}
	if k.Has(catalog.Multi) {
		for range 1 + s.IntN(2) {
			r.Context[key] = append(r.Context[key], s.value(key))
		}
		return
	}
	r.Context[key] = []string{s.value(key)}
}

// value returns one of the policies' values, or one beside it.
func (s *sampler) value(key string) string {
	text := pick(s.generator, append(s.values[key], "zzz"))
	text = strings.NewReplacer("${aws:ResourceAccount}", ownAccount, "${*}", "*", "${aws:ResourceOrgID}", s.org).Replace(text)
	if k := catalog.LookupKey(key); k != nil && k.Type == catalog.Bool {
		return strconv.FormatBool(s.chance(50))
	}
	switch key {
	case "aws:sourceip":
		return s.near(text)
	case "aws:currenttime", "aws:epochtime":
		return text
	case "aws:sourceaccount":
		return pick(s.generator, []string{ownAccount, otherAccount, "999999999999"})
	case "kms:rotationperiodindays":
		return strconv.Itoa(pick(s.generator, []int{90, 91, 179, 180, 181, 182, 365, 366, 2559, 2560}))
	case "aws:multifactorauthage":
		return strconv.Itoa(pick(s.generator, []int{0, 1, 299, 300, 301, 302, 3599, 3600, 3601}))
	case "vendor:score":
		return pick(s.generator, []string{"1", "1.5", "1.25", "2", "-3", "-4", "3", "1.75"})
	}
	fill := pick(s.generator, []string{"", "a", "role/App", "x:y"})
	text = strings.ReplaceAll(strings.ReplaceAll(text, "*", fill), "?", pick(s.generator, []string{"a", "b", "3"}))
	if s.chance(15) {
		text = strings.ToUpper(text)
	}
	return text
}

// near returns an address at the edge of a range.
func (s *sampler) near(text string) string {
	p, err := netip.ParsePrefix(text)
	if err != nil {
		if a, err := netip.ParseAddr(text); err == nil {
			p = netip.PrefixFrom(a, a.BitLen())
		} else {
			p = netip.MustParsePrefix("198.51.100.0/24")
		}
	}
	a := p.Masked().Addr()
	switch {
	case s.chance(30) && a.Prev().IsValid():
		a = a.Prev()
	case s.chance(30) && a.Next().IsValid():
		a = a.Next()
	}
	return a.String()
}

// identify gives a request what follows from who calls and from the key.
func identify(r *oracle.Request, w world) {
	c := r.Context
	service := strings.HasSuffix(r.Principal, ".amazonaws.com")
	one := func(key, value string) { c[key] = []string{value} }
	one("aws:securetransport", "true")
	one("aws:principalisawsservice", strconv.FormatBool(service))
	one("aws:requestedregion", w.region)
	one("aws:resourceaccount", ownAccount)
	one("aws:resourceorgid", w.org)
	one("kms:keyspec", w.spec)
	if len(c["aws:viaawsservice"]) == 0 {
		one("aws:viaawsservice", strconv.FormatBool(len(c["aws:calledvia"])+len(c["kms:viaservice"]) > 0))
	}
	moments(c)
	if service || r.Principal == "anonymous" {
		for key := range c {
			if strings.HasPrefix(key, "aws:principal") && key != "aws:principalisawsservice" || strings.HasPrefix(key, "aws:multifactor") || key == "aws:federatedprovider" || key == "aws:username" || key == "kms:calleraccount" {
				delete(c, key)
			}
		}
		if service {
			one("aws:principalservicename", r.Principal)
		} else {
			one("aws:principaltype", "Anonymous")
		}
	}
	if service {
		source(r)
	} else {
		delete(c, "aws:sourcearn")
		delete(c, "aws:sourceaccount")
		delete(c, "aws:principalservicename")
	}
	if strings.HasPrefix(r.Principal, "arn:") {
		person(r, w)
	}
}

// source makes what a service says of the resource that it acts for agree.
func source(r *oracle.Request) {
	c := r.Context
	if arn := strings.SplitN(strings.Join(c["aws:sourcearn"], ""), ":", 6); len(c["aws:sourceaccount"]) > 0 && len(arn) == 6 && len(arn[4]) == 12 && strings.Trim(arn[4], "0123456789") == "" && !r.Witness {
		c["aws:sourceaccount"] = []string{arn[4]}
	}
}

func person(r *oracle.Request, w world) {
	c := r.Context
	parts := strings.SplitN(r.Principal, ":", 6)
	arn, kind := r.Principal, map[bool]string{true: "Account", false: "User"}[parts[5] == "root"]
	switch {
	case strings.HasPrefix(parts[5], "assumed-role/"):
		name := strings.Split(parts[5], "/")[1]
		arn, kind = "arn:aws:iam::"+parts[4]+":role/"+name, "AssumedRole"
		if have := c["aws:principalarn"]; len(have) == 1 && strings.HasSuffix(have[0], "/"+name) && strings.HasPrefix(have[0], "arn:aws:iam::"+parts[4]+":role/") && (name == "Zed" || r.Witness) {
			arn = have[0] // nothing says where the role stands
		}
	case strings.HasPrefix(parts[5], "role/"):
		kind = "AssumedRole"
	case strings.HasPrefix(parts[5], "federated-user/"):
		kind = "FederatedUser"
	}
	c["aws:principalarn"], c["aws:principaltype"] = []string{arn}, []string{kind}
	c["aws:principalaccount"], c["kms:calleraccount"] = []string{parts[4]}, []string{parts[4]}
	delete(c, "aws:username")
	if kind == "User" {
		c["aws:username"] = []string{r.Principal[strings.LastIndexByte(r.Principal, '/')+1:]}
	}
	if kind != "AssumedRole" {
		delete(c, "aws:federatedprovider")
	}
	if parts[4] == ownAccount {
		c["aws:principalorgid"] = []string{w.org}
	}
	if len(c["aws:calledvia"])+len(c["kms:viaservice"]) > 0 && !r.Witness {
		c["aws:viaawsservice"] = []string{"true"} // a service makes the request for somebody
	}
}

// moments makes the two keys for the time of a request agree.
func moments(c map[string][]string) {
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for _, key := range []string{"aws:currenttime", "aws:epochtime"} {
		if have := c[key]; len(have) == 1 {
			if n, err := strconv.ParseFloat(have[0], 64); err == nil && key == "aws:epochtime" {
				at = time.UnixMilli(int64(n * 1000))
			} else if n, err := strconv.ParseInt(have[0], 10, 64); err == nil {
				at = time.Unix(n, 0)
			} else if t, err := time.Parse(time.RFC3339, have[0]); err == nil {
				at = t
			} else if t, err := time.Parse(time.DateOnly, have[0]); err == nil {
				at = t
			}
		}
	}
	c["aws:currenttime"] = []string{at.UTC().Format(time.RFC3339Nano)}
	c["aws:epochtime"] = []string{strconv.FormatInt(at.Unix(), 10)}
	if at.Nanosecond() != 0 {
		c["aws:epochtime"] = []string{strconv.FormatFloat(float64(at.UnixNano())/1e9, 'f', -1, 64)}
	}
}

// replay makes the request that a witness is.
func replay(p *decide.Proof, w world) *oracle.Request {
	r := &oracle.Request{Principal: p.Witness.Principal, Action: p.Witness.Action, Resource: ownKey, Own: ownAccount, IAM: !p.ByName, Witness: true, Context: map[string][]string{}}
	for key, value := range p.Witness.Context {
		switch v := value.(type) {
		case string:
			r.Context[strings.ToLower(key)] = []string{v}
		case []string:
			r.Context[strings.ToLower(key)] = v
		}
	}
	identify(r, w)
	return r
}

package fakekms

import (
	"regexp"
	"strings"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

// A registry knows the roles and users that exist. Like IAM it gives each a
// unique id: KMS keeps the id, so that a role which is deleted and made anew
// under the same name gets nothing from an old policy.
type registry struct {
	source *wire.Source
	any    bool
	byARN  map[string]principal
	byID   map[string]string // ids of living principals
	gone   map[string]bool   // deleted, and not made anew since
}

type principal struct {
	id   string
	from time.Time // not visible to KMS before
}

func newRegistry(source *wire.Source, anyPrincipal bool) registry {
	return registry{source: source, any: anyPrincipal, byARN: map[string]principal{}, byID: map[string]string{}, gone: map[string]bool{}}
}

func (r *registry) add(arn string, from time.Time) {
	parts := strings.SplitN(arn, ":", 6)
	if _, ok := r.byARN[arn]; ok || len(parts) < 6 || !namePattern.MatchString(parts[5]) {
		return // the root of an account has no unique id
	}
	prefix := "AROA"
	if strings.Contains(arn, ":user/") {
		prefix = "AIDA"
	}
	id := prefix + r.source.Base32(17)
	delete(r.gone, arn)
	r.byARN[arn] = principal{id: id, from: from}
	r.byID[id] = arn
}

func (r *registry) remove(arn string) {
	delete(r.byID, r.byARN[arn].id)
	delete(r.byARN, arn)
	r.gone[arn] = true
}

func (r *registry) visible(arn string, now time.Time) bool {
	p, ok := r.byARN[arn]
	if !ok && r.any && !r.gone[arn] {
		r.add(arn, now)
		return true
	}
	return ok && !p.from.After(now)
}

var (
	accountPattern = regexp.MustCompile(`^\d{12}$`)
	namePattern    = regexp.MustCompile(`^(user|role)/[\w+=,.@/-]+$`)
	sessionPattern = regexp.MustCompile(`^(assumed-role/[\w+=,.@-]+/[\w+=,.@-]+|federated-user/[\w+=,.@-]+)$`)
)

// valid reports whether KMS takes p as an AWS principal of a key policy.
func (r *registry) valid(p, partition string, now time.Time) bool {
	if p == "*" || accountPattern.MatchString(p) {
		return true
	}
	parts := strings.SplitN(p, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || parts[1] != partition || parts[3] != "" || !accountPattern.MatchString(parts[4]) {
		return false
	}
	switch {
	case parts[2] == "iam" && parts[5] == "root":
		return true
	case parts[2] == "iam" && namePattern.MatchString(parts[5]):
		return r.visible(p, now)
	case parts[2] == "sts" && sessionPattern.MatchString(parts[5]):
		return r.sessionVisible(parts, now)
	}
	return false
}

// sessionVisible looks at the role behind a session; a federated user has
// nothing behind it that could be looked at.
func (r *registry) sessionVisible(parts []string, now time.Time) bool {
	name, isRole := strings.CutPrefix(parts[5], "assumed-role/")
	if !isRole {
		return true
	}
	name, _, _ = strings.Cut(name, "/")
	return r.visible("arn:"+parts[1]+":iam::"+parts[4]+":role/"+name, now)
}

var servicePattern = regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com(\.cn)?$`)

// validService reports whether KMS takes p as a service principal in region.
// Of the Regional names only those of CloudWatch Logs are known to be tied to
// the key's Region.
func validService(p, region string) bool {
	if !servicePattern.MatchString(p) {
		return false
	}
	rest, isLogs := strings.CutPrefix(p, "logs.")
	return !isLogs || strings.HasPrefix(rest, "amazonaws.com") || strings.HasPrefix(rest, region+".")
}

// A Principal is a role or user that exists.
type Principal struct {
	ARN, ID string
	From    time.Time
}

// Principal finds a role or user by its name, and tells its path. Where every
// well-formed principal exists, it exists without a path. Names are unique in an
// account, so that one with a path stands above one that was only taken to exist.
func (s *Service) Principal(account, kind, name string) (p Principal, path string, found bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	prefix := "arn:" + partitionOf(s.opts.Region) + ":iam::" + account + ":" + kind
	for arn, known := range s.principals.byARN {
		rest, ok := strings.CutPrefix(arn, prefix)
		if above := strings.TrimSuffix(rest, name); ok && strings.HasSuffix(rest, "/"+name) && (!found || len(above) > len(path)) {
			p, path, found = Principal{arn, known.id, known.from}, above, true
		}
	}
	if found {
		return p, path, true
	}
	plain := prefix + "/" + name
	if !s.principals.visible(plain, s.opts.Now()) {
		return p, "", false
	}
	return Principal{plain, s.principals.byARN[plain].id, s.principals.byARN[plain].from}, "/", true
}

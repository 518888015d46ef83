package catalog

import (
	"slices"
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/wildcard"
)

// Type is the type of a condition key's value.
type Type uint8

const (
	String Type = iota
	ARN
	Bool
	Numeric
	Date
	IP
)

// String names the family of operators that fits the type.
func (t Type) String() string {
	return [...]string{"String", "Arn", "Bool", "Numeric", "Date", "IpAddress"}[t]
}

// KeyFlags tell what is special about a condition key.
type KeyFlags uint16

const (
	Multi       KeyFlags = 1 << iota // may hold several values
	Prefix                           // the name goes on: a tag key, an encryption-context key
	KeyIAMOnly                       // documented for IAM policies only
	Deprecated                       // see Instead
	Constant                         // the same for every request to one key
	Owner                            // its value tells whose a request is, before any colon or slash
	Spoofable                        // a caller can write any value
	FromService                      // only there when an AWS service calls directly
	Attestation                      // a measurement of an attested machine
	TypeUnsure                       // AWS does not say of which type it is
	Refused                          // PutKeyPolicy refuses a policy that has it
	Session                          // a claim that a federated session keeps
)

// Key is one row of the table of condition keys.
type Key struct {
	Name, Lower string
	Type        Type
	Flags       KeyFlags
	Actions     Set    // what it comes with; 0 stands for all
	Values      string // the only values there are, with | between them
	Instead     string // what to use instead of a deprecated key
}

// Has reports whether the key has one of the flags.
func (k *Key) Has(f KeyFlags) bool { return k != nil && k.Flags&f != 0 }

// Is reports whether this is the key of that (lower-case) name.
func (k *Key) Is(lower string) bool { return k != nil && k.Lower == lower }

// Keys returns a copy of the table.
func Keys() []Key { return append([]Key(nil), keys[:]...) }

// LookupKey finds a condition key whatever the case of its letters; nil where
// the table does not have it. The name of a tag or of an encryption context
// belongs to the key but is not looked at.
func LookupKey(name string) *Key {
	if end := family(name); end > 0 {
		if k := row(name[:end]); k.Has(Prefix) {
			return k
		}
	}
	if k := row(name); k != nil {
		return k
	}
	if SessionKey(name) != Yes {
		return nil
	}
	if strings.HasSuffix(strings.ToLower(name), ":amr") {
		return &sessionMethods
	}
	return &sessionClaim
}

func row(name string) *Key {
	const longest = 64 // no row has a longer name
	if len(name) > longest {
		return nil
	}
	var room [longest]byte
	lower := room[:len(name)]
	for i := range lower {
		lower[i] = wildcard.Lower(name[i])
	}
	lo, hi := 0, len(keys)
	for lo < hi {
		if mid := (lo + hi) / 2; keys[mid].Lower < string(lower) {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo < len(keys) && keys[lo].Lower == string(lower) {
		return &keys[lo]
	}
	return nil
}

// family returns the length of the part of name that a Prefix row can hold: up
// to the first slash, or to the second colon.
func family(name string) int {
	for i := strings.IndexByte(name, ':') + 1; i < len(name); i++ {
		if name[i] == ':' || name[i] == '/' {
			return i + 1
		}
	}
	return 0
}

// IsViaService reports whether KMS documents name as the first label of a
// kms:ViaService value.
func IsViaService(name string) bool {
	_, found := slices.BinarySearch(viaServices[:], name)
	return found
}

// ViaServices returns a copy of the table of services.
func ViaServices() []string { return append([]string(nil), viaServices[:]...) }

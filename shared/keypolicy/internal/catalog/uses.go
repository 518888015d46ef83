package catalog

import "slices"

// A Use is one purpose for which a service principal calls KMS for itself, as the
// service's user guide documents it. One service can have several, and what one
// of them sends another may not.
type Use struct {
	Service string // the principal without Region and domain: "cloudtrail"
	Name    string // what it is for: "log files of trails"
	Actions Set    // what AWS's statement allows
	Exact   bool   // told apart from the other uses by allowing exactly these actions

	// Whether AWS documents that the request carries the key, so that a condition
	// on it works. No means that AWS says it does not work, and Unknown that AWS
	// says nothing.
	SourceAccount, SourceArn Answer

	// ArnHasAccount reports whether the ARN in aws:SourceArn names an account. Where
	// it does not (a bucket, a hosted zone), aws:SourceAccount has to stand beside
	// it.
	ArnHasAccount Answer

	// Context is the key of an encryption context that ties the use to a resource
	// of one account (or is an account id), as AWS documents it; "" for none. Its
	// value may lack the account: see ContextHasAccount.
	Context           string
	ContextHasAccount Answer

	Printed Printed
	Source  string // the page
}

// Printed tells how AWS prints the statement of a use.
type Printed uint8

const (
	Guarded     Printed = iota // with the guard, or with the advice to add it
	Bare                       // without one; what the fields say is documented elsewhere on the page, if at all
	Unsupported                // without one, because AWS says that no guard works
	Shared                     // without one, in one statement for many services, of which a table tells what works
)

// Guards lists the condition keys that AWS documents as guards of the use, the
// best one first: those that name an account by themselves before the others.
func (u *Use) Guards() []string {
	var sure, partial []string
	add := func(has Answer, complete bool, key string) {
		switch {
		case has == Yes && complete:
			sure = append(sure, key)
		case has == Yes:
			partial = append(partial, key)
		}
	}
	add(u.SourceArn, u.ArnHasAccount == Yes, "aws:SourceArn")
	add(u.SourceAccount, true, "aws:SourceAccount")
	add(yes(u.Context != ""), u.ContextHasAccount == Yes, "kms:EncryptionContext:"+u.Context)
	return append(sure, partial...)
}

// SendsSource reports whether AWS documents of a service principal (its Base) that
// some of its requests carry aws:SourceAccount or aws:SourceArn. That of sns is
// read from the policies of queues that its guide prints.
func SendsSource(base string) Answer {
	if base == "sns" {
		return Yes
	}
	for i := range uses {
		if u := &uses[i]; u.Service == base && (u.SourceAccount == Yes || u.SourceArn == Yes) {
			return Yes
		}
	}
	return Unknown
}

// Uses returns a copy of the table.
func Uses() []Use { return slices.Clone(uses[:]) }

// UsesOf returns the uses of a service principal (its Base) that a statement may
// be meant for, because it allows no action beyond those of the use. Yes: there
// are some. No: the service has uses, but none is so wide. Unknown: no row is
// about the service.
func UsesOf(base string, allowed Set) ([]Use, Answer) {
	var fit []Use
	answer := Unknown
	for i := range uses {
		u := &uses[i]
		if u.Service != base {
			continue
		}
		if u.Actions.Has(allowed) && (!u.Exact || u.Actions == allowed) {
			fit, answer = append(fit, *u), Yes
		} else if answer == Unknown {
			answer = No
		}
	}
	return fit, answer
}

// Form tells in which Regional form a service principal is written.
type Form uint8

const (
	AnyForm    Form = iota // nothing is documented
	OptInForm              // in Regions that an account opts in to
	EitherForm             // with a Region or without one
	OnlyForm               // always with a Region
)

// RegionalForm tells how the name of a service principal takes a Region, and
// where that is documented.
func RegionalForm(base string) (form Form, source string) {
	for i := range regionalForms {
		if regionalForms[i].base == base {
			return regionalForms[i].form, regionalForms[i].source
		}
	}
	return AnyForm, ""
}

package verdict

import (
	"slices"
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/awsid"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/jsontree"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/phrase"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
)

// exposure looks for what opens or breaks more than it seems to.
func (c *checker) exposure(s *document.Statement) {
	if s.Effect == document.Deny {
		c.denyByNetwork(s)
		return
	}
	if s.Effect != document.Allow {
		return
	}
	c.confusedDeputy(s)
	c.externalAccess(s)
	c.negatedAllow(s)
	c.bypassAllowed(s)
}

// usesData are the actions with which a service can be made to work on data or
// to pass the key on.
const usesData = catalog.Decrypt | catalog.Encrypt | catalog.GenerateDataKey | catalog.GenerateDataKeyPair |
	catalog.GenerateDataKeyPairWithoutPlaintext | catalog.GenerateDataKeyWithoutPlaintext | catalog.ReEncryptFrom |
	catalog.ReEncryptTo | catalog.CreateGrant | catalog.Sign | catalog.GenerateMac | catalog.DeriveSharedSecret |
	catalog.Decapsulate

// confusedDeputy reports a service that is let in for whomever it works for.
func (c *checker) confusedDeputy(s *document.Statement) {
	if s.NotPrincipal || s.Acts&usesData == 0 || boundToAccount(s) {
		return
	}
	for _, p := range s.Principals {
		if p.Kind != document.ServicePrincipal {
			continue
		}
		if sendsSource(p.Text) {
			c.Value(&rule.Deputy, p.Node, p.Text+" works for all its customers, and nothing here says for whom it may use the key; add \"StringEquals\": {\"aws:SourceAccount\": \"…\"} or ArnLike on aws:SourceArn.")
			continue
		}
		c.Value(&rule.DeputyUnsure, p.Node, p.Text+" works for all its customers, and nothing here says for whom it may use the key; if its documentation says that it sends aws:SourceAccount or aws:SourceArn, add that.")
	}
}

// sendsSource reports whether the service is documented to send aws:SourceArn
// or aws:SourceAccount when it uses a key.
func sendsSource(service string) bool {
	switch service {
	case "cloudtrail.amazonaws.com", "s3.amazonaws.com", "cloudfront.amazonaws.com", "delivery.logs.amazonaws.com",
		"ses.amazonaws.com", "config.amazonaws.com", "sns.amazonaws.com":
		return true
	}
	return false
}

// boundToAccount reports whether a condition ties a service to an account, an
// organization or a resource of one. What KMS itself checks counts too: an
// encryption context with an account in it.
func boundToAccount(s *document.Statement) bool {
	for i := range s.Conditions {
		cond := &s.Conditions[i]
		op := cond.Operator
		if cond.Key == nil || !op.Known() || op.HoldsWithout() || len(cond.Values) == 0 {
			continue
		}
		bound := !slices.ContainsFunc(cond.Values, func(v document.Item) bool { return !bindsService(cond.Key.Lower, v.Text) })
		if bound {
			return true
		}
	}
	return false
}

func bindsService(key, value string) bool {
	switch key {
	case "aws:sourceowner":
		return awsid.IsAccount(value)
	case "aws:sourcearn":
		// A bucket's ARN has no account, but it is one bucket.
		a, ok := awsid.SplitARN(value)
		return ok && (awsid.IsAccount(a.Account) || a.Account == "" && len(strings.Trim(a.Resource, "*?/")) > 0)
	case "kms:encryptioncontext:":
		return awsid.IsAccount(value) || awsid.AccountOf(value) != ""
	case "kms:viaservice":
		return false
	}
	return pinsDown(key, value)
}

// externalAccess looks at what other accounts get.
func (c *checker) externalAccess(s *document.Statement) {
	if c.o.Key.Account == "" || s.NotPrincipal {
		return
	}
	var accounts []string
	at, wide := jsontree.None, jsontree.None
	for i := range s.Principals {
		p := &s.Principals[i]
		foreign := p.Account != "" && p.Account != c.o.Key.Account
		if foreign && !slices.Contains(accounts, p.Account) && len(accounts) < 32 {
			accounts, at = append(accounts, p.Account), first(at, p.Node)
		}
		if foreign || p.Form == document.Anyone && !c.narrowedToOwn(s) {
			wide = first(wide, p.Node)
		}
	}
	if at != jsontree.None {
		c.Value(&rule.ExternalAccount, at, "The statement names principals of "+phrase.Some(accounts)+", outside of the key's own account.")
	}
	if at != jsontree.None && (s.Acts.Has(catalog.All) || s.Acts&administers != 0) {
		c.Value(&rule.ExternalAdmin, at, "Another account gets administration of the key or everything, future actions included; name the operations that it needs.")
	}
	if wide != jsontree.None && s.Acts&catalog.CreateGrant != 0 && !guardsGrants(s) {
		c.Value(&rule.GrantUnguarded, wide, "With kms:CreateGrant these principals can pass the key on to anybody, and no policy shows it; add \"Bool\": {\"kms:GrantIsForAWSResource\": \"true\"}, or conditions on kms:GrantOperations or kms:GranteePrincipal.")
	}
}

// administers are the actions that decide about the key itself.
const administers = catalog.PutKeyPolicy | catalog.ScheduleKeyDeletion | catalog.DisableKey | catalog.DeleteImportedKeyMaterial |
	catalog.UpdatePrimaryRegion | catalog.ReplicateKey

func first(a, b int32) int32 {
	if a != jsontree.None {
		return a
	}
	return b
}

// narrowedToOwn reports whether a condition leaves callers of the key's own
// account only.
func (c *checker) narrowedToOwn(s *document.Statement) bool {
	for i := range s.Conditions {
		cond := &s.Conditions[i]
		if (cond.Key.Is("aws:principalaccount") || cond.Key.Is("kms:calleraccount")) && narrows(cond) &&
			!slices.ContainsFunc(cond.Values, func(v document.Item) bool { return v.Text != c.o.Key.Account }) {
			return true
		}
	}
	return false
}

// guardsGrants reports whether a condition limits which grants may be made.
func guardsGrants(s *document.Statement) bool {
	for i := range s.Conditions {
		cond := &s.Conditions[i]
		if cond.Key == nil || cond.Operator.Negated || cond.Operator.IfExists || cond.Operator.Compare == document.Null {
			continue
		}
		switch cond.Key.Lower {
		case "kms:grantisforawsresource":
			return len(cond.Values) == 1 && strings.EqualFold(cond.Values[0].Text, "true")
		case "kms:grantoperations", "kms:granteeprincipal", "kms:granteeserviceprincipal", "kms:viaservice", "kms:grantconstrainttype":
			return true
		}
	}
	return false
}

// negatedAllow reports an Allow for many that only says who is not meant.
func (c *checker) negatedAllow(s *document.Statement) {
	if len(s.Conditions) == 0 || !slices.ContainsFunc(s.Principals, func(p document.Principal) bool { return p.Form == document.Anyone || p.WholeAccount() }) {
		return
	}
	for i := range s.Conditions {
		if !s.Conditions[i].Operator.Negated {
			return
		}
	}
	c.Member(&rule.NegatedAllow, s.ConditionAt, "The conditions only say what is not meant, so everything else is let in, and a request without the key too; say what is allowed.")
}

func (c *checker) bypassAllowed(s *document.Statement) {
	for i := range s.Conditions {
		cond := &s.Conditions[i]
		if !cond.Key.Is("kms:bypasspolicylockoutsafetycheck") || cond.Operator.Compare != document.BoolIs {
			continue
		}
		for _, v := range cond.Values {
			if strings.EqualFold(v.Text, "true") {
				c.Value(&rule.BypassAllowed, v.Node, "The statement allows to put a policy past the lockout safety check, and such a policy may be one that nobody can change again; take it away.")
			}
		}
	}
}

// denyByNetwork reports a Deny by network that forgets the AWS services.
func (c *checker) denyByNetwork(s *document.Statement) {
	if s.Acts&usesData == 0 {
		return
	}
	var network *document.Condition
	for i := range s.Conditions {
		cond := &s.Conditions[i]
		if cond.Key == nil {
			continue
		}
		switch cond.Key.Lower {
		case "aws:sourceip", "aws:sourcevpc", "aws:sourcevpce", "aws:sourcevpcarn", "aws:vpcsourceip", "aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths":
			if cond.Operator.Negated && network == nil {
				network = cond
			}
		case "aws:viaawsservice", "aws:principalisawsservice", "kms:viaservice", "aws:calledvia", "aws:principalservicename", "aws:principalarn":
			return
		}
	}
	if network != nil {
		c.Member(&rule.DenyServices, network.Node, "An AWS service that uses the key for somebody does not come from this network, so the Deny breaks it; add \"Bool\": {\"aws:ViaAWSService\": \"false\"} beside it.")
	}
}

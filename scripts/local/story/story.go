// Package story is what the local stack is furnished with: three keys, the
// roles of their policies, and policies that are good and bad in ways that are
// worth seeing.
package story

import (
	"bytes"
	"embed"

	"github.com/keysmith/keysmith/scripts/local/stack"
	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/objectkey"
)

//go:embed policies/*.json
var policies embed.FS

// A Key of the story.
type Key struct {
	Name, ID        string
	Account, Region string // of a key elsewhere; empty: the stack's own
	Set             bool   // it is every key of a multi-Region set
}

// Object is the key's object in the policy bucket.
func (k Key) Object() string {
	switch {
	case k.Set:
		return objectkey.ForSet(k.Account, k.ID)
	case k.Account != "":
		return objectkey.ForKey(k.Account, k.Region, k.ID)
	}
	return objectkey.For(k.ID)
}

// Ref is the key's id, or the ARN of a key elsewhere.
func (k Key) Ref() string {
	if k.Account == "" {
		return k.ID
	}
	return objectkey.ARN{Partition: "aws", Region: k.Region, Account: k.Account, KeyID: k.ID}.String()
}

// Alias is the key's alias.
func (k Key) Alias() string { return "alias/" + k.Name }

// Orders, Payments and Invoices are the keys.
var (
	Orders   = Key{Name: "orders", ID: "6f1c7a52-3c0e-4a86-9d7e-0b6a5f2e9c11"}
	Payments = Key{Name: "payments", ID: "d2a94c1e-58b7-4f03-9e61-7c3b8e5fa033"}
	Invoices = Key{Name: "invoices", ID: "b83d5e90-71f4-4c2b-8a6d-2e9f40c7d522"}
)

// Keys are all of them.
func Keys() []Key { return []Key{Orders, Payments, Invoices} }

// Documents are the names of all policies.
func Documents() []string {
	entries, err := policies.ReadDir("policies")
	if err != nil {
		panic(err) // the files are part of the program
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name()[:len(e.Name())-len(".json")])
	}
	return names
}

// Text is the policy with this name, for keys of an account.
func Text(document, account string) []byte {
	text, err := policies.ReadFile("policies/" + document + ".json")
	if err != nil {
		panic(err) // the files are part of the program
	}
	return bytes.ReplaceAll(text, []byte(stack.Account), []byte(account))
}

// Furnish makes the keys, their aliases and the roles.
func Furnish(s *stack.Stack) {
	for _, role := range []string{"break-glass", "orders", "payments", "invoices"} {
		s.Cloud.KMS.AddPrincipal("arn:aws:iam::" + s.Account() + ":role/" + role)
	}
	s.Cloud.KMS.AddPrincipal("arn:aws:iam::999988887777:role/partner")
	for _, k := range Keys() {
		s.Cloud.KMS.CreateKey(fakeaws.KeySpec{ID: k.ID})
		s.Cloud.KMS.CreateAlias(k.Alias(), k.ID)
	}
}

// Parameters are those of a deployment that manages every key of the account.
// The caller of the fake AWS is an administrator, who may do all that a pipeline
// and an operator may.
// Two are smaller than they are deployed: a fake AWS need not be waited for.
func Parameters(account, region string) map[string]string {
	person := "arn:aws:iam::" + account + ":role/admin"
	return map[string]string{
		"Mode":                 "apply",
		"WriterPrincipals":     person,
		"RequestPrincipals":    person,
		"OperatorPrincipals":   person,
		"KeyArns":              "arn:aws:kms:" + region + ":" + account + ":key/*",
		"BreakGlassPrincipals": "arn:aws:iam::{account}:role/break-glass",
		"VerifyInterval":       "20ms",
		"PutsPerSecond":        "100",
	}
}

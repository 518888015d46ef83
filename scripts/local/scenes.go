package main

import (
	"context"
	"embed"
	"fmt"

	"github.com/keysmith/keysmith/shared/outcome"
)

//go:embed policies/*.json
var policies embed.FS

// A key of the story.
type key struct {
	name, id string
}

func (k key) object() string { return "policies/" + k.id + ".json" }

func (k key) alias() string { return "alias/" + k.name }

func story() (orders, payments, invoices key) {
	return key{"orders", "6f1c7a52-3c0e-4a86-9d7e-0b6a5f2e9c11"},
		key{"payments", "d2a94c1e-58b7-4f03-9e61-7c3b8e5fa033"},
		key{"invoices", "b83d5e90-71f4-4c2b-8a6d-2e9f40c7d522"}
}

// A scene does one thing and says what must come of it.
type scene struct {
	title    string
	why      string
	key      key
	document string // name of the policy that is judged
	act      func(context.Context, *stage) error
	want     want
}

// upload is the act of most scenes.
func upload(k key, document string) func(context.Context, *stage) error {
	return func(_ context.Context, st *stage) error {
		st.do(fmt.Sprintf("%s.json is uploaded as s3://%s/%s", document, st.stack.Bucket(), k.object()))
		st.stack.Upload(k.object(), st.text(document))
		return nil
	}
}

func scenes() []scene {
	orders, payments, invoices := story()
	return []scene{
		{
			title:    "A good policy",
			why:      "A key policy says who may use an encryption key. Here a team hands one in, by putting a file in a bucket.",
			key:      orders,
			document: "orders",
			act:      upload(orders, "orders"),
			want:     want{events: []expected{{outcome: outcome.Applied, trigger: "upload", changed: true}}, puts: 1, inForce: "orders"},
		},
		{
			title:    "A typo",
			why:      "One word is misspelt. keysmith says where, and the key keeps the policy that it has.",
			key:      orders,
			document: "typo",
			act:      upload(orders, "typo"),
			want: want{inForce: "orders", events: []expected{{
				outcome: outcome.Rejected, code: outcome.InvalidPolicy, trigger: "upload",
				rules: []string{"unknown-element"}, at: `"Actoin"`,
			}}},
		},
		{
			title:    "A lockout",
			why:      "This policy is well written, but nobody who administers the account could ever change it again.",
			key:      orders,
			document: "lockout",
			act:      upload(orders, "lockout"),
			want: want{inForce: "orders", events: []expected{{
				outcome: outcome.Rejected, code: outcome.Lockout, trigger: "upload",
				rules: []string{"root-lockout", "break-glass-lockout"},
			}}},
		},
		{
			title:    "A stranger",
			why:      "This one lets an account decrypt that nobody here has called trusted.",
			key:      orders,
			document: "untrusted",
			act:      upload(orders, "untrusted"),
			want: want{inForce: "orders", events: []expected{{
				outcome: outcome.Rejected, code: outcome.Guardrail, trigger: "upload",
				rules: []string{"untrusted-account"}, at: `"arn:aws:iam::999988887777:role/partner"`,
			}}},
		},
		{
			title:    "The same policy again",
			why:      "The good policy once more. It is put and proven again, and reported as no change.",
			key:      orders,
			document: "orders",
			act:      upload(orders, "orders"),
			want:     want{events: []expected{{outcome: outcome.Applied, trigger: "upload"}}, puts: 1, inForce: "orders"},
		},
		{
			title:    "A request that carries its policy",
			why:      "A pipeline asks through an event bus, and names the key by its alias. The policy becomes the key's object first: the bucket stays the one source of truth.",
			key:      payments,
			document: "payments",
			act:      request(payments, "payments"),
			want: want{puts: 2, inForce: "payments", events: []expected{
				{outcome: outcome.Applied, trigger: "request", changed: true},
				{outcome: outcome.Applied, trigger: "upload"}, // S3 tells of the object that keysmith stored
			}},
		},
		{
			title:    "An upload that is told twice, and late",
			why:      "S3 may tell of an upload more than once, and in any order. Only what the bucket holds now counts, whatever an event says.",
			key:      invoices,
			document: "invoices-newer",
			act:      late(invoices, "invoices-older", "invoices-newer"),
			want:     want{events: []expected{{outcome: outcome.Applied, trigger: "upload"}}, puts: 1, twice: true, inForce: "invoices-newer"},
		},
	}
}

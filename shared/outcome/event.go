// Package outcome is what keysmith tells the world: the result events, what is
// in them, and the bus that takes them.
//
// No event holds policy text. The JSON Schemas beside the code (schema/) are
// part of the contract, and every event that a test sees is held against them.
package outcome

import (
	"time"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

// Type is the detail-type of a result event.
type Type string

const (
	Applied       Type = "KMS Key Policy Applied"
	Rejected      Type = "KMS Key Policy Rejected"
	Failed        Type = "KMS Key Policy Failed"
	Planned       Type = "KMS Key Policy Planned"
	DriftDetected Type = "KMS Key Policy Drift Detected"
	DriftResolved Type = "KMS Key Policy Drift Resolved"
)

// Source is the source of every result event.
const Source = "keysmith"

// Schema is the version of the contract that an event follows.
const Schema = "keysmith.result/1"

// Code says in a word why a policy was rejected or failed.
type Code string

// Codes of Rejected: nothing was changed.
const (
	InvalidPolicy Code = "INVALID_POLICY" // also of Failed, where KMS itself refused
	TooLarge      Code = "TOO_LARGE"
	Lockout       Code = "LOCKOUT" // also of Failed, where KMS itself refused
	Guardrail     Code = "GUARDRAIL"
	ProtectedKey  Code = "PROTECTED_KEY"
	BadObjectKey  Code = "BAD_OBJECT_KEY"
	Stale         Code = "STALE" // another policy is in force than the uploader knew
	Held          Code = "HELD"  // the key is frozen
)

// Codes of Failed.
const (
	NotFound          Code = "NOT_FOUND"
	PrincipalNotFound Code = "PRINCIPAL_NOT_FOUND"
	AccessDenied      Code = "ACCESS_DENIED"
	Throttled         Code = "THROTTLED"
	VerifyMismatch    Code = "VERIFY_MISMATCH"
	Unverified        Code = "UNVERIFIED"
	Unreadable        Code = "UNREADABLE"
	Internal          Code = "INTERNAL"
	Brake             Code = "BRAKE" // nothing was put: too many keys were changed within an hour
)

// An Event is one result event; it marshals as EventBridge delivers it.
type Event struct {
	Source    string   `json:"source"`
	Type      Type     `json:"detail-type"`
	Resources []string `json:"resources"`
	Detail    Detail   `json:"detail"`
}

// Detail is the event's own part.
type Detail struct {
	Metadata Metadata `json:"metadata"`
	Data     Data     `json:"data"`
}

// Metadata tells one event from another.
type Metadata struct {
	Schema         string    `json:"schema"`
	ID             string    `json:"id"`
	IdempotencyKey string    `json:"idempotencyKey"` // the same for every delivery of one outcome
	CorrelationID  string    `json:"correlationId,omitempty"`
	Attempt        int       `json:"attempt"`
	Time           time.Time `json:"time"`
	Version        string    `json:"version"`
	TraceID        string    `json:"traceId,omitempty"`
}

// Data tells what happened.
type Data struct {
	Trigger      string                   `json:"trigger"`
	Changed      bool                     `json:"changed"` // what was in force before was different
	Key          *Key                     `json:"key,omitempty"`
	Object       *Object                  `json:"object,omitempty"`
	Policy       *Policy                  `json:"policy,omitempty"`
	Previous     *Previous                `json:"previous,omitempty"`
	Changes      []keypolicy.Change       `json:"changes,omitempty"`
	Access       []keypolicy.AccessChange `json:"access,omitempty"`
	Proof        *Proof                   `json:"proof,omitempty"`
	Findings     []keypolicy.Finding      `json:"findings,omitempty"`
	Verification *Verification            `json:"verification,omitempty"`
	Drift        *Drift                   `json:"drift,omitempty"`
	RollbackOf   string                   `json:"rollbackOf,omitempty"` // what an upload undoes, as its metadata says
	Replicas     []Replica                `json:"replicas,omitempty"`   // of a multi-Region set: the outcome of each key
	Error        *Error                   `json:"error,omitempty"`
	Truncated    map[string]int           `json:"truncated,omitempty"` // list → rows left out
}

// Proof says whether the policy allows a request that the one before did not.
type Proof struct {
	NoNewAccess keypolicy.Verdict  `json:"noNewAccess"`       // proven, refuted or undecided, which is never safe
	Witness     *keypolicy.Witness `json:"witness,omitempty"` // such a request
	Reason      string             `json:"reason,omitempty"`
}

// Key is the KMS key.
type Key struct {
	ARN     string   `json:"arn,omitempty"` // absent where an alias led nowhere
	ID      string   `json:"id,omitempty"`
	Aliases []string `json:"aliases,omitempty"` // those that the request used
	Account string   `json:"account"`
	Region  string   `json:"region"`
}

// A Replica is what became of one key of a multi-Region set. The primary key is one
// of them.
type Replica struct {
	Region       string        `json:"region"`
	ARN          string        `json:"arn"`
	Outcome      string        `json:"outcome"`
	Previous     *Previous     `json:"previous,omitempty"` // as in Data, of this key
	Drift        *Drift        `json:"drift,omitempty"`    // of this key, where it is Drifted
	Error        *Error        `json:"error,omitempty"`
	Verification *Verification `json:"verification,omitempty"`
}

// Outcomes of a Replica, beside Applied, Rejected, Failed and Planned.
const (
	InSync  = "InSync"  // its policy is in force, and nothing was put
	Drifted = "Drifted" // another policy is in force
)

// Object is the object in the policy bucket.
type Object struct {
	Bucket     string    `json:"bucket"`
	Key        string    `json:"key"`
	VersionID  string    `json:"versionId,omitempty"`
	ETag       string    `json:"etag,omitempty"`
	UploadedBy *Uploader `json:"uploadedBy,omitempty"` // only where the event is of this very version
	Commit     string    `json:"commit,omitempty"`
}

// Uploader is who stored the object, as S3 told it.
type Uploader struct {
	Requester string `json:"requester"`
	SourceIP  string `json:"sourceIp,omitempty"`
}

// Policy is the desired policy; for Applied, CanonicalSHA256 is of what was read back.
type Policy struct {
	SHA256          string `json:"sha256"`
	CanonicalSHA256 string `json:"canonicalSha256,omitempty"`
	Bytes           int    `json:"bytes"`
	LockoutBypass   bool   `json:"lockoutBypass,omitempty"` // KMS was asked to skip its own lockout check
}

// Previous is the policy that was in force before.
type Previous struct {
	CanonicalSHA256 string `json:"canonicalSha256,omitempty"` // absent where it could not be judged
	History         string `json:"history,omitempty"`         // object key of its copy
}

// Verification tells how the claim was proven.
type Verification struct {
	Reads     int   `json:"reads"` // GetKeyPolicy calls after the put
	ElapsedMS int64 `json:"elapsedMs"`
}

// Error says why there is no new policy in force, or none proven.
type Error struct {
	Code      Code   `json:"code"`
	Message   string `json:"message"`
	Retryable bool   `json:"retryable"` // keysmith itself tries again
}

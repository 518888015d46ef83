// Package pullfile reads and writes pull.json, in which pull records what it read:
// each key with its file and the digest of the policy in force, and everything
// that is not in the tree, with the reason.
//
// It serves three readers. A person sees that nothing was left out silently, the
// next pull knows which files nobody has changed since, and push knows which
// policy a new one is meant to replace.
package pullfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/keysmith/keysmith/scripts/keysmith/internal/wholefile"
)

// Name is how the file is called. It stands beside policies/.
const Name = "pull.json"

// Schema is the version of the file's form. Its JSON Schema is schema/pull.json.
const Schema = "keysmith.pull/1"

// A Record is the content of the file.
type Record struct {
	Schema   string     `json:"schema"`
	Started  time.Time  `json:"started"`
	Finished *time.Time `json:"finished"` // null while a pull is under way, and after one that was stopped
	Caller   string     `json:"caller"`   // ARN
	Account  string     `json:"account"`  // whose keys have short names
	Region   string     `json:"region"`   // where keys have short names
	Scopes   []Scope    `json:"scopes"`
	Keys     []Key      `json:"keys"`    // by ARN
	Skipped  []Skipped  `json:"skipped"` // by account, Region and ARN
}

// A Scope is an account and Region that was asked for.
type Scope struct {
	Account string `json:"account"`
	Region  string `json:"region"`
	Listed  int    `json:"listed"` // keys of every kind
}

// A Key is a key whose policy is in the tree.
type Key struct {
	ARN             string    `json:"arn"`
	File            string    `json:"file"`   // relative to the file, with slashes
	Object          string    `json:"object"` // name in the bucket
	Alias           string    `json:"alias,omitempty"`
	State           string    `json:"state"`                     // such as Enabled, as KMS names it
	CanonicalSHA256 string    `json:"canonicalSha256,omitempty"` // absent where the policy cannot be judged
	SHA256          string    `json:"sha256"`                    // of the file as pull left it
	Time            time.Time `json:"time"`                      // when the policy was read
	Note            string    `json:"note,omitempty"`
}

// A Reason says in a word why a key, or a whole account and Region, is not in the
// tree as it is in force.
type Reason string

// The reasons. Those of AWS's refusals are named by awsaccount.
const (
	AWSManaged Reason = "aws-managed" // AWS keeps its policy
	Changed    Reason = "changed-here"
	TwoFiles   Reason = "two-files"
	Unlisted   Reason = "no-longer-listed" // it has a file, and KMS does not list it
)

// A Skipped is what was skipped, and why. Without an ARN it is all keys of an
// account and Region.
type Skipped struct {
	Account string `json:"account"`
	Region  string `json:"region"`
	ARN     string `json:"arn,omitempty"`
	Reason  Reason `json:"reason"`
	Message string `json:"message"`
}

// Load reads the file of a folder. Where there is none, it returns nil.
func Load(dir string) (*Record, error) {
	path := filepath.Join(dir, Name)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading what was pulled: %w", err)
	}
	var r Record
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, fmt.Errorf("%s: %w. It is written by keysmith pull: restore it from Git, or delete it and pull again", path, err)
	}
	if r.Schema != Schema {
		return nil, fmt.Errorf("%s: the schema is %q, and this program reads %q. Use the keysmith that wrote it, or delete it and pull again", path, r.Schema, Schema)
	}
	return &r, nil
}

// Save writes the file as a whole: a killed program leaves the one of before.
func (r *Record) Save(dir string) error {
	r.Schema = Schema
	if r.Skipped == nil {
		r.Skipped = []Skipped{}
	}
	if r.Keys == nil {
		r.Keys = []Key{}
	}
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("writing what was pulled: %w", err)
	}
	if err := wholefile.Write(filepath.Join(dir, Name), append(text, '\n')); err != nil {
		return fmt.Errorf("writing what was pulled: %w", err)
	}
	return nil
}

// Digests are the digests of the policies that were in force, by the names of
// their objects.
func (r *Record) Digests() map[string]string {
	digests := map[string]string{}
	if r == nil {
		return digests
	}
	for _, k := range r.Keys {
		digests[k.Object] = k.CanonicalSHA256
	}
	return digests
}

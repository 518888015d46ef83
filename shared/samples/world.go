package samples

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/fakeaws/fakekms"
	"github.com/keysmith/keysmith/shared/keypolicy"
)

// QueueName is the apply queue's name in a stack called keysmith.
const QueueName = "keysmith-apply-local"

// A World is what is there before a sample: a bucket with policies, keys with
// the policies that they had, aliases, and principals that policies may name.
type World struct {
	Account    string            `json:"account"`
	Region     string            `json:"region"`
	Bucket     string            `json:"bucket"`
	Keys       map[string]string `json:"keys"` // name → id
	Aliases    map[string]string `json:"aliases"`
	Principals []string          `json:"principals"`
	Deleted    []string          `json:"deleted"` // objects that were there once
	// Metadata is that of objects, by their names in the bucket.
	Metadata map[string]map[string]string `json:"metadata"`

	move  func(string) string // from the account of the files to that of this world
	files map[string]string   // by path below the folder
}

// LoadWorld reads the world below a folder of samples and moves it to account;
// empty leaves it in its own.
func LoadWorld(folder, account string) (World, error) {
	folder = filepath.Join(folder, "world")
	w := World{files: map[string]string{}}
	text, err := os.ReadFile(filepath.Join(folder, "world.json"))
	if err != nil {
		return w, err
	}
	if err := json.Unmarshal(text, &w); err != nil {
		return w, fmt.Errorf("reading the world: %w", err)
	}
	account = cmp.Or(account, w.Account)
	w.move = strings.NewReplacer(w.Account, account).Replace
	w.Account = account
	root := os.DirFS(folder)
	return w, fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(root, path)
		w.files[path] = w.move(string(text))
		return err
	})
}

// itsVersion stands in a status for the version of the object that it is about.
const itsVersion = "(its version)"

// File is a file of the world, by its path below the folder.
func (w World) File(path string) string { return w.files[path] }

// Event is a sample as it happens in this world.
func (w World) Event(folder, name string) ([]byte, error) {
	text, err := os.ReadFile(filepath.Join(folder, name+".json"))
	return []byte(w.move(string(text))), err
}

// Build makes the world anew.
func (w World) Build() *fakeaws.Cloud {
	c := fakeaws.New(fakeaws.Options{Account: w.Account, Region: w.Region})
	for _, arn := range w.Principals {
		c.KMS.AddPrincipal(w.move(arn))
	}
	for _, id := range w.Keys {
		c.KMS.CreateKey(fakekms.KeySpec{ID: id, Policy: w.files["keys/"+id+".json"]})
	}
	for alias, id := range w.Aliases {
		c.KMS.CreateAlias(alias, id)
	}
	c.S3.CreateBucket(w.Bucket, true)
	// In their order, so that an object is there before its status.
	for _, path := range slices.Sorted(maps.Keys(w.files)) {
		if object, ok := strings.CutPrefix(path, "bucket/"); ok {
			about, _ := c.S3.Get(w.Bucket, strings.TrimPrefix(object, "status/"))
			c.S3.Put(w.Bucket, object, []byte(strings.ReplaceAll(w.files[path], itsVersion, about.VersionID)), w.Metadata[object])
		}
	}
	for _, object := range w.Deleted {
		c.S3.Put(w.Bucket, object, []byte("{}"), nil)
		c.S3.Delete(w.Bucket, object)
	}
	c.SQS.CreateQueue(QueueName, nil)
	return c
}

// inForce says what is wrong with the policy that is in force on a key; file
// is where the right one is, empty for the one that the key had before.
func (w World) inForce(c *fakeaws.Cloud, name, file string) string {
	id := w.Keys[name]
	if file == "" {
		file = "keys/" + id + ".json"
	}
	want, ok := w.files[file]
	if !ok {
		return "no such file in the world: " + file
	}
	got := c.KMS.Policy(id)
	if !keypolicy.SameText(got, want, "aws") {
		return fmt.Sprintf("the policy of %s is not that of %s, but %s", name, file, got)
	}
	return ""
}

// results reads what is compared of events.
func (w World) results(events []event) []Result {
	var list []Result
	for _, e := range events {
		var detail struct {
			Data struct {
				Key        struct{ ID string }
				Error      struct{ Code string }
				RollbackOf string
				Drift      struct{ Author struct{ ARN string } }
			}
		}
		_ = json.Unmarshal(e.Detail, &detail) // a detail that cannot be read has no key and no code, and so is a fault
		data := detail.Data
		list = append(list, Result{e.Type, w.name(data.Key.ID), data.Error.Code, data.RollbackOf, sessionOf(data.Drift.Author.ARN)})
	}
	return list
}

// sessionOf is what an ARN names in its account, which is not the same in every world.
func sessionOf(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	return parts[len(parts)-1]
}

func (w World) name(id string) string {
	for name, known := range w.Keys {
		if known == id {
			return name
		}
	}
	return id
}

func onBus(c *fakeaws.Cloud) []event {
	var list []event
	for _, e := range c.Events.Entries("default") {
		list = append(list, event{Type: e.DetailType, Detail: e.Detail})
	}
	return list
}

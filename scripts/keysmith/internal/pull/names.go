package pull

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/keysmith/keysmith/shared/objectkey"
)

// home is the account and Region whose keys have short names.
type home struct{ account, region string }

// object is the name of the object for one key.
func (h home) object(k objectkey.ARN) string {
	if k.Account == h.account && k.Region == h.region {
		return objectkey.For(k.KeyID)
	}
	return objectkey.Policies + k.Account + "/" + k.Region + "/" + k.KeyID + ".json"
}

// ofSet is the name of the object for a whole multi-Region set.
func (h home) ofSet(k objectkey.ARN) string {
	if k.Account == h.account {
		return objectkey.Policies + "multi-region/" + k.KeyID + ".json"
	}
	return objectkey.Policies + k.Account + "/multi-region/" + k.KeyID + ".json"
}

// others are the names under which an earlier pull may have put the policy of a
// key, beside the one that is right now.
func (h home) others(k objectkey.ARN, right string) []string {
	names := []string{h.object(k), objectkey.Policies + k.Account + "/" + k.Region + "/" + k.KeyID + ".json"}
	if isMultiRegion(k.KeyID) {
		names = append(names, h.ofSet(k), objectkey.Policies+k.Account+"/multi-region/"+k.KeyID+".json")
	}
	return slices.DeleteFunc(names, func(name string) bool { return name == right })
}

func isMultiRegion(keyID string) bool { return strings.HasPrefix(keyID, "mrk-") }

// longestLabel leaves room in a file name for the key id.
const longestLabel = 100

var unlabelled = regexp.MustCompile(`[^A-Za-z0-9_-]+`)

// label turns the name of an alias into what a file name may begin with.
func label(alias string) string {
	name := strings.Trim(unlabelled.ReplaceAllString(strings.TrimPrefix(alias, "alias/"), "-"), "-")
	return name[:min(len(name), longestLabel)]
}

// labelled is the path of a new file for an object, relative to the tree.
func labelled(object, alias string) string {
	name := label(alias)
	if name == "" {
		return object
	}
	dir, file := path.Split(object)
	return dir + name + "." + file
}

// files finds the files of a tree by the names of their objects.
type files map[string][]string

// scan reads the names of the files under policies/.
func scan(dir string) (files, error) {
	found := files{}
	root := filepath.Join(dir, "policies")
	err := filepath.WalkDir(root, func(at string, d fs.DirEntry, err error) error {
		switch {
		case err != nil && errors.Is(err, fs.ErrNotExist) && at == root:
			return filepath.SkipAll
		case err != nil:
			return err
		case d.IsDir() || !strings.HasSuffix(d.Name(), ".json"):
			return nil
		}
		rel, err := filepath.Rel(dir, at)
		if err != nil {
			return err
		}
		folder, file := path.Split(filepath.ToSlash(rel))
		_, rest := objectkey.Unlabelled(file)
		found[folder+rest] = append(found[folder+rest], folder+file)
		return nil
	})
	return found, err
}

// read returns the text of a file of the tree; nil where there is none.
func read(dir, file string) ([]byte, error) {
	text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(file)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return text, err
}

package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/objectkey"
)

// source is one policy to look at.
type source struct {
	name string
	text []byte
}

// most is how much of a file is read: more than KMS takes is told by the first
// bytes already.
const most = 4 * keypolicy.MaxSize

// readAll reads files, the *.json files of folders, and standard input for -.
func readAll(names []string, in io.Reader) ([]source, error) {
	if len(names) == 0 {
		return nil, errors.New("name a file, a folder, or - for standard input")
	}
	var all []source
	for _, name := range names {
		found, err := expand(name)
		if err != nil {
			return nil, err
		}
		for _, file := range found {
			text, err := read(file, in)
			if err != nil {
				return nil, err
			}
			all = append(all, source{display(file), text})
		}
	}
	return all, nil
}

func display(name string) string {
	if name == "-" {
		return "<stdin>"
	}
	return filepath.ToSlash(name)
}

func expand(name string) ([]string, error) {
	if info, err := os.Stat(name); name == "-" || err != nil || !info.IsDir() {
		return []string{name}, nil
	}
	var files []string
	err := filepath.WalkDir(name, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(path, ".json") {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading folder %s: %w", name, err)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("reading folder %s: there is no .json file in it", name)
	}
	return files, nil
}

func read(name string, in io.Reader) ([]byte, error) {
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, fmt.Errorf("reading policy: %w", err)
		}
		defer f.Close()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, most))
	if err != nil {
		return nil, fmt.Errorf("reading policy: %w", err)
	}
	return text, nil
}

// keyOf completes what is known of the key from a path such as the bucket's:
// policies/<key-id>.json or policies/<account>/<region>/<key-id>.json. What a
// full path says goes before the flags, so that one run can judge many keys.
func keyOf(name string, k keypolicy.Key) keypolicy.Key {
	rest := afterPrefix(strings.Split(strings.TrimSuffix(name, ".json"), "/"))
	switch len(rest) {
	case 1:
		k.ID = rest[0]
	case 3:
		k.Account, k.Region, k.ID = rest[0], rest[1], rest[2]
	}
	if k.Partition == "" {
		k.Partition = objectkey.Partition(k.Region)
	}
	return k
}

// afterPrefix returns what stands after the folder that holds policies.
func afterPrefix(parts []string) []string {
	for i := len(parts) - 1; i >= 0; i-- {
		if parts[i] == "policies" || parts[i] == "plans" {
			return parts[i+1:]
		}
	}
	return nil
}

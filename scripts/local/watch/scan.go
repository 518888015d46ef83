package watch

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/keysmith/keysmith/scripts/internal/repoconfig"
	"github.com/keysmith/keysmith/shared/objectkey"
)

// scan leaves out what editors keep beside a file, and hidden folders.
func (f *folder) scan() (scan, error) {
	found := scan{map[string]state{}, map[string]string{}}
	err := filepath.WalkDir(f.root, func(full string, entry fs.DirEntry, err error) error {
		if full == f.root {
			return err
		}
		path, relative := filepath.Rel(f.root, full)
		switch {
		case relative != nil || errors.Is(err, fs.ErrNotExist):
			return nil // gone in between
		case err != nil:
			found.remarks[path] = "cannot be read: " + reason(err)
			return skip(entry)
		case strings.HasPrefix(entry.Name(), "."), f.exclude(full):
			return skip(entry)
		case entry.IsDir() || ignored(entry.Name()):
			return nil
		}
		found.note(path, entry)
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return found, fmt.Errorf("the folder %s was deleted", f.root)
	}
	if err != nil {
		return found, fmt.Errorf("reading the folder: %w", err)
	}
	return found, nil
}

func skip(entry fs.DirEntry) error {
	if entry != nil && entry.IsDir() {
		return fs.SkipDir
	}
	return nil
}

// ignored is what has a purpose of its own in a folder of policies.
func ignored(name string) bool {
	return strings.HasSuffix(name, "~") || name == repoconfig.Name || name == "pull.json"
}

// note keeps a file, or says why it is not uploaded.
func (s scan) note(path string, entry fs.DirEntry) {
	if kind := kindOf(entry.Type()); kind != "" {
		s.remarks[path] = "is " + kind + ", so it is not uploaded. Put the file itself into the folder"
		return
	}
	if !strings.HasSuffix(path, ".json") {
		s.remarks[path] = "is not uploaded: the name of a policy ends in .json"
		return
	}
	info, err := entry.Info()
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		s.remarks[path] = "cannot be read, so it is not uploaded: " + reason(err)
	case info.Size() > largest:
		s.remarks[path] = fmt.Sprintf("has %d bytes, so it is not uploaded: a key policy has at most 32 KiB", info.Size())
	default:
		s.files[path] = state{info.ModTime(), info.Size()}
	}
}

// kindOf says what an entry is that is not a regular file.
func kindOf(mode os.FileMode) string {
	switch {
	case mode.IsRegular():
		return ""
	case mode&fs.ModeSymlink != 0:
		return "a symbolic link"
	case mode&fs.ModeNamedPipe != 0:
		return "a named pipe (FIFO)"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	}
	return "a device or another special file"
}

// objectOf is the object key that a file stands for: the path below the folder
// without a label, under policies/ unless it says otherwise.
func objectOf(path string) string {
	folder, file := filepath.Split(filepath.ToSlash(path))
	_, file = objectkey.Unlabelled(file)
	object := folder + file
	if objectkey.Ours(object) {
		return object
	}
	return "policies/" + object
}

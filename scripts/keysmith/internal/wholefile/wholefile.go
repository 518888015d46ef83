// Package wholefile writes files that are there as a whole or not at all, however
// the program ends.
package wholefile

import (
	"fmt"
	"os"
	"path/filepath"
)

// Write replaces a file, or makes it with the folders above it. Others see the old
// text or the new one. The permissions of a file that exists are kept.
func Write(path string, text []byte) (err error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // a folder of a repository, as Git makes it
		return fmt.Errorf("making a folder: %w", err)
	}
	mode := os.FileMode(0o644)
	if info, err := os.Stat(path); err == nil {
		mode = info.Mode().Perm()
	}
	// The name has no .json at its end, and begins with a dot: whatever is left of
	// a killed program is no policy.
	f, err := os.CreateTemp(dir, ".keysmith-*.tmp")
	if err != nil {
		return fmt.Errorf("making a file: %w", err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	if _, err = f.Write(text); err == nil {
		err = f.Chmod(mode)
	}
	if syncErr := f.Sync(); err == nil {
		err = syncErr
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}
